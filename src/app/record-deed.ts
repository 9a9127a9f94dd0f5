import { addressOf } from '../core/address.ts'
import { fingerprint } from '../core/fingerprint.ts'
import { asJson } from '../core/json.ts'
import { type Problem, ProblemError, problemsOrBug } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import type { DeedName } from '../core/stage-names.ts'
import { logFailure } from './log-failure.ts'
import type { Run } from './run-stage.ts'

/** What deeds share of a run. */
export type DeedRun = Pick<Run, 'context' | 'state' | 'writer' | 'emit' | 'signal' | 'reached'>

/**
 * Writes down that something begins to be done with a machine before `act` does it, and how it ended. `act` is given which
 * attempt it is.
 * @throws ProblemError with all that went wrong; whatever the state's writer throws
 */
export async function recordDeed<Output extends object>(
  deed: DeedName,
  { name: machine, file, onRemove, deeds }: MachineRecord,
  input: object,
  act: (attempt: number) => Promise<Output>,
  run: DeedRun,
): Promise<Output> {
  const {
    context: { clock },
    writer,
    emit,
    signal,
    reached,
  } = run
  const attempt = (deeds.get(deed)?.attempt ?? 0) + 1
  const begun = clock.seconds()
  const ended = () => ({ machine, stage: deed, finishedAt: clock.now(), seconds: clock.seconds() - begun })
  const intent = { machine, file, onRemove, stage: deed, attempt, bytes: 0, startedAt: clock.now() }
  reached(machine, deed, 'before-intent')
  await writer.started({ ...intent, input: asJson(input), fingerprint: fingerprint(input) })
  emit({ type: 'deed_start', machine, deed, attempt })
  let output: Output
  try {
    reached(machine, deed, 'after-intent')
    output = await act(attempt)
    reached(machine, deed, 'after-effect')
  } catch (error) {
    const interrupted = signal.aborted
    const problems = problemsIn(error, addressOf(machine, deed), interrupted)
    if (!interrupted) logFailure(machine, deed, problems, run)
    const message = problems.map(({ summary }) => summary).join('; ')
    const { seconds, ...rest } = ended()
    await writer.failed({ ...rest, seconds, status: interrupted ? 'interrupted' : 'failed', message })
    emit({ type: 'deed_failed', machine, deed, attempt, seconds, interrupted, problems })
    throw new ProblemError(problems, { cause: error })
  }
  const { seconds, ...rest } = ended()
  await writer.done({ ...rest, seconds, output: asJson(output), tools: {} })
  emit({ type: 'deed_done', machine, deed, attempt, seconds, evidence: asJson(output) })
  reached(machine, deed, 'after-done')
  return output
}

function problemsIn(error: unknown, address: string, interrupted: boolean): readonly Problem[] {
  if (interrupted) return [{ severity: 'error', code: 'INTERRUPTED', summary: 'stopped by a signal', address }]
  return problemsOrBug(error).map((problem) => ({ address, ...problem }))
}
