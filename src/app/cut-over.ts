import { type CutoverBegun, copyOf, openCutover } from '../core/deeds.ts'
import { asJson } from '../core/json.ts'
import type { CutoverOutput } from '../core/outputs.ts'
import { ProblemError } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { driftRefusals } from './cutover-refusals.ts'
import type { PlannedCutover } from './plan-cutover.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'
import { rollBack } from './roll-back.ts'
import { runHooks } from './run-hooks.ts'
import { tellFailure } from './run-stage.ts'

/**
 * Cuts a machine over: hooks, start, proof that it works. One that was stopped goes on, with the time that counts from its
 * first attempt on.
 * @throws ProblemError with all that went wrong, also when taking it back did not work; whatever the state's writer throws
 */
export async function cutOverMachine(name: string, work: Work, run: DeedRun): Promise<void> {
  const { subject, request, domain, autostart, after } = work
  const { context, state, signal, reached } = run
  const record = recordOf(name, run)
  const of = copyOf(record)
  if (of === undefined) throw new Error(`${name} has no disks`)
  const recorded = state.recordedInput(name, 'cutover') as unknown as CutoverBegun | undefined
  const begun = openCutover(record, recorded)?.begun ?? context.clock.now()
  const off = { seconds: request.shutdownSeconds, force: true }
  const act = async (): Promise<CutoverOutput> => {
    // It may be long since somebody looked, and said yes.
    const drifted = await driftRefusals(name, state, context, signal)
    if (drifted.length > 0) throw new ProblemError(drifted)
    await runHooks(['pre_cutover'], 'cutover', subject, run)
    reached(name, 'cutover', 'in-effect')
    const verified = await context.domains.start(domain, request.verify, off, signal)
    if (autostart) await context.domains.startWithHost(domain, true, signal)
    await runHooks(['post_cutover'], 'cutover', subject, run)
    const ended = context.clock.now()
    return { of, begun, ended, downtimeSeconds: (Date.parse(ended) - Date.parse(begun)) / 1000, verified }
  }
  const input: CutoverBegun = {
    of,
    begun,
    shutdownSeconds: request.shutdownSeconds,
    ...(autostart ? { autostart } : {}),
    ...(after.length > 0 ? { after } : {}),
  }
  try {
    await recordDeed('cutover', record, asJson(input) as object, act, run)
  } catch (error) {
    if (!(error instanceof ProblemError) || signal.aborted) throw error
    await tellFailure('cutover', subject, run)
    if (request.onFailure === 'keep') throw error
    const failed = recordOf(name, run)
    const attempt = failed.deeds.get('cutover')?.attempt ?? 1
    const problems = await rollBack(
      failed,
      { domain, of: attempt, off, ...(autostart ? { autostart } : {}) },
      run,
    ).then(
      () => [],
      (other: unknown) => {
        if (other instanceof ProblemError) return other.problems
        throw other
      },
    )
    throw new ProblemError([...error.problems, ...problems], { cause: error })
  }
}

type Work = NonNullable<PlannedCutover['work']>

function recordOf(name: string, { state }: DeedRun): MachineRecord {
  const record = state.machine(name)
  if (!record) throw new Error(`the state has no machine ${name}`)
  return record
}
