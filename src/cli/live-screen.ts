import type { RunEvent } from '../core/events.ts'
import type { Clock } from '../ports/clock.ts'
import { eventLine } from '../render/event-line.ts'
import { createProgressModel } from '../render/progress-model.ts'
import { progressScreen, progressSummary } from '../render/progress-screen.ts'
import { widthOf } from '../render/width.ts'

/** A terminal to write to; its size is looked up for every frame, since it changes. */
export interface Terminal {
  write(text: string): unknown
  readonly columns?: number
  readonly rows?: number
}

/** The part at the bottom of the terminal that is drawn again and again while a run goes on. */
export interface LiveScreen {
  take(event: RunEvent): void
  /** Replaces the live part with a summary that stays. */
  end(): void
}

const secondsBetweenFrames = 0.1
// So that the elapsed time goes on when nothing happens.
const secondsUntilIdleFrame = 1

/**
 * Draws a run at most ten times a second. The cursor is never hidden: then no way to end, not even `kill -9`, leaves a
 * terminal without one.
 */
export function liveScreen(terminal: Terminal, clock: Pick<Clock, 'seconds'>): LiveScreen {
  const model = createProgressModel()
  const painter = createPainter(terminal)
  let lastFrame = Number.NEGATIVE_INFINITY
  let trailing = false
  let timer: NodeJS.Timeout | undefined
  let ended = false

  const later = (seconds: number) => {
    clearTimeout(timer)
    // The work keeps the program alive, not its picture.
    timer = setTimeout(draw, seconds * 1000).unref()
  }
  const draw = () => {
    lastFrame = clock.seconds()
    trailing = false
    painter.paint(progressScreen(model.view(lastFrame), sizeOf(terminal)))
    later(secondsUntilIdleFrame)
  }
  return {
    take(event) {
      const now = clock.seconds()
      model.take(event, now)
      if (ended) return
      if (event.type === 'diagnostic' || event.type === 'log') painter.print([eventLine(event) ?? ''])
      const wait = lastFrame + secondsBetweenFrames - now
      if (wait <= 0) draw()
      else if (!trailing) {
        trailing = true
        later(wait)
      }
    },
    end() {
      if (ended) return
      ended = true
      clearTimeout(timer)
      painter.print(progressSummary(model.view(clock.seconds())))
    },
  }
}

function sizeOf({ columns, rows }: Terminal) {
  // A terminal that does not know its size says 0.
  return { columns: columns || 80, rows: rows || 24 }
}

function createPainter(terminal: Terminal) {
  // How wide each line is that stands above the cursor.
  let painted: readonly number[] = []
  const toTop = () => {
    const { columns } = sizeOf(terminal)
    // In a terminal that was made narrower, a line has become several.
    const rows = painted.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows > 0 ? `\u001b[${rows}A\r` : '\r'
  }
  return {
    /** Replaces the lines painted before. One write for a frame, which a terminal that can shows at once. */
    paint(lines: readonly string[]) {
      const rows = lines.map((line) => `\u001b[2K${line}\n`).join('')
      terminal.write(`\u001b[?2026h${toTop()}${rows}\u001b[J\u001b[?2026l`)
      painted = lines.map(widthOf)
    },
    /** Writes lines that stay, in place of what is painted. */
    print(lines: readonly string[]) {
      if (lines.length > 0 || painted.length > 0) {
        terminal.write(`${toTop()}\u001b[J${lines.map((line) => `${line}\n`).join('')}`)
      }
      painted = []
    },
  }
}
