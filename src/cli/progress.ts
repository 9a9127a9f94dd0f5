import { Listr, type ListrRenderer } from 'listr2'
import type { Emit } from '../core/events.ts'
import type { Clock } from '../ports/clock.ts'
import { eventLine } from '../render/event-line.ts'
import type { EventStream } from './event-stream.ts'
import { type LiveScreen, liveScreen, type Terminal } from './live-screen.ts'

/** How a run is shown. */
export type Display =
  | { readonly kind: 'terminal'; readonly output: Terminal; readonly clock: Pick<Clock, 'seconds'> }
  | { readonly kind: 'lines'; readonly output: Pick<Terminal, 'write'> }
  /** Whoever began the stream also ends it, when the exit code is known. */
  | { readonly kind: 'json'; readonly stream: EventStream }

/** Does the work and shows what it emits meanwhile; its value and its error pass through unchanged. */
export async function showRun<T>(display: Display, work: (emit: Emit) => Promise<T>): Promise<T> {
  switch (display.kind) {
    case 'terminal':
      return await underListr(liveScreen(display.output, display.clock), work)
    case 'lines':
      return await work((event) => {
        const line = eventLine(event)
        if (line !== undefined) display.output.write(`${line}\n`)
      })
    case 'json':
      return await work(display.stream.emit)
  }
}

/** Puts the screen under listr2's life cycle; listr2's own renderers redraw too much for hundreds of machines. */
class ScreenRenderer implements ListrRenderer {
  // The output was chosen by the caller; listr2 would look at process.stdout.
  static nonTTY = true
  static rendererOptions: Record<PropertyKey, unknown> = {}
  static rendererTaskOptions = {}
  readonly #screen: LiveScreen

  constructor(_tasks: unknown, { screen }: { readonly screen: LiveScreen }) {
    this.#screen = screen
  }

  // The first event draws the first frame.
  render(): void {}

  end(): void {
    this.#screen.end()
  }
}

async function underListr<T>(screen: LiveScreen, work: (emit: Emit) => Promise<T>): Promise<T> {
  const ended: { result?: { readonly value: T } | { readonly error: unknown } } = {}
  const task = async () => {
    // Listr2 never sees the error: it would change one that is no Error.
    try {
      ended.result = { value: await work(screen.take) }
    } catch (error) {
      ended.result = { error }
    }
  }
  await new Listr(
    { task },
    {
      renderer: ScreenRenderer,
      rendererOptions: { screen },
      registerSignalListeners: false,
    },
  ).run()
  const { result } = ended
  if (!result) throw new Error('the work of the run was not started')
  if ('error' in result) throw result.error
  return result.value
}
