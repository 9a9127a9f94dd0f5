import type { DeedRequest, DeedsDone } from '../app/do-deeds.ts'
import type { Session } from '../app/session.ts'
import type { Json } from '../core/json.ts'
import { countDeeds } from '../core/planned-deed.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import { deedsText } from '../render/deeds-text.ts'
import { eventLine } from '../render/event-line.ts'
import { ask } from './ask.ts'
import type { Outcome } from './base-command.ts'
import { connectWorkspace } from './connect-workspace.ts'
import type { EventStream } from './event-stream.ts'
import { listenForInterrupts } from './interrupt.ts'

interface Wanted {
  /** `Cutover` */
  readonly what: string
  readonly folder: string
  readonly autoApprove: boolean
  readonly color: boolean
}

interface Output {
  say(text: string): void
  report(problems: readonly Problem[]): void
  readonly stream: EventStream | undefined
}

/** Shows what a command would do with machines, asks, does it and tells how it went. */
export async function runDeeds(
  { what, folder, autoApprove, color }: Wanted,
  { say, report, stream }: Output,
  work: (session: Session, request: DeedRequest, signal: AbortSignal) => Promise<DeedsDone>,
): Promise<Outcome> {
  const interrupts = listenForInterrupts(say)
  let shown = false
  const show = (planned: DeedsDone['planned']) => {
    shown = true
    say(deedsText(what, planned, color))
  }
  const request: DeedRequest = {
    interrupted: interrupts.exitCode,
    emit(event) {
      const line = eventLine(event)
      if (stream) stream.emit(event)
      else if (line !== undefined) say(line)
    },
    async approve(planned) {
      show(planned)
      if (autoApprove) return true
      return await ask(
        `look at it, then h2k ${what.toLowerCase()} … --auto-approve`,
        stream === undefined,
        interrupts.signal,
      )
    },
  }
  try {
    const result = await work(await connectWorkspace(folder), request, interrupts.signal)
    if (!shown) show(result.planned)
    report(result.problems)
    say(closingLine(what, result))
    return { exitCode: result.exitCode, data: resultJson(result) }
  } catch (error) {
    const exitCode = interrupts.exitCode()
    const problems = problemsOf(error)
    if (exitCode === undefined || !problems) throw error
    report(problems)
    return { exitCode }
  } finally {
    interrupts.stop()
  }
}

function closingLine(what: string, { planned, approved, done, failed }: DeedsDone): string {
  if (!approved) return 'Not approved: nothing was done.'
  const { waits, refused } = countDeeds(planned)
  const rest = [
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(waits > 0 ? [`${waits} waiting`] : []),
  ]
  return `${what}: ${[`${done.length} done`, ...rest].join(', ')}.`
}

function resultJson({ planned, approved, done, failed, problems }: DeedsDone): Json {
  return {
    approved,
    done: [...done],
    failed: [...failed],
    problems: problems.length,
    machines: planned.map(({ name, standing, head, lines }) => ({
      name,
      standing,
      head,
      does: lines.map(([part, does]) => `${part}: ${does}`),
    })),
  }
}
