import { addressOf } from '../core/address.ts'
import { type CutoverBegun, copyOf, openCutover } from '../core/deeds.ts'
import { asJson } from '../core/json.ts'
import type { CutoverOutput } from '../core/outputs.ts'
import { printable } from '../core/printable.ts'
import { ProblemError } from '../core/problem.ts'
import { copyAgain } from './copy-again.ts'
import { driftRefusals } from './cutover-refusals.ts'
import { markOrTell } from './mark-source.ts'
import type { PlannedCutover } from './plan-cutover.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'
import { cutoverBegun, recordOf } from './recorded-machine.ts'
import { rollBack } from './roll-back.ts'
import { runHooks } from './run-hooks.ts'
import { tellFailure } from './run-stage.ts'
import { refuseSourceOn, refuseSourceRuns, switchSourceOff, tellSourceUnseen } from './switch-source-off.ts'

/**
 * Cuts a machine over: hooks, source off and copied once more where git says so, start, proof that it works. One that was
 * stopped goes on, with the time that counts from its first attempt on.
 * @throws ProblemError with all that went wrong, also when taking it back did not work; whatever the state's writer throws
 */
export async function cutOverMachine(name: string, work: Work, run: DeedRun): Promise<void> {
  const { subject, request, domain, autostart, source, mark, after, wanted } = work
  const { context, state, signal } = run
  const record = recordOf(name, run)
  const open = openCutover(record, cutoverBegun(name, state))
  // None while its last copy is not done.
  const copy = copyOf(record) ?? open?.of
  if (copy === undefined) throw new Error(`${name} has no disks`)
  const input: CutoverBegun = {
    of: copy,
    begun: open?.begun ?? context.clock.now(),
    shutdownSeconds: request.shutdownSeconds,
    target: domain,
    ...(autostart ? { autostart } : {}),
    ...(after.length > 0 ? { after } : {}),
    ...(source ? { source } : {}),
    ...(mark ? { mark } : {}),
    wanted: open?.wanted ?? wanted,
  }
  try {
    await recordDeed('cutover', record, asJson(input) as object, () => changeOver(name, work, input, run), run)
  } catch (error) {
    if (source && (signal.aborted || request.onFailure === 'keep')) tellSourceOff(name, source.domain.name, run)
    if (!(error instanceof ProblemError) || signal.aborted) throw error
    await tellFailure('cutover', subject, run)
    if (request.onFailure === 'keep') throw error
    const failed = recordOf(name, run)
    const attempt = failed.deeds.get('cutover')?.attempt ?? 1
    const off = { seconds: request.shutdownSeconds, force: true }
    const retreat = {
      ...{ domain, of: attempt, off },
      ...(autostart ? { autostart } : {}),
      ...(source ? { source } : {}),
      ...(mark ? { mark } : {}),
    }
    const problems = await rollBack(failed, retreat, run).then(
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

async function changeOver(
  name: string,
  { subject, request, domain, autostart, source, mark }: Work,
  input: CutoverBegun,
  run: DeedRun,
): Promise<CutoverOutput> {
  const { context, state, signal, reached } = run
  // It may be long since somebody looked, and said yes.
  await refuseDrift(name, source ? 'target' : 'both', run)
  await runHooks(['pre_cutover'], 'cutover', subject, run)
  const off = source && (await switchSourceOff(subject.machine, input, source, run))
  if (off) await copyAgain(subject, run)
  // Hooks and the copy may have taken long.
  await refuseDrift(name, 'both', run)
  const leftAlone = mark?.domain ?? subject.machine.sourceDomain
  const refuseSource = async () => {
    if (source && off) await refuseSourceOn(name, source.domain, off, run)
    else if (leftAlone) await refuseSourceRuns(name, leftAlone, run)
  }
  await refuseSource()
  reached(name, 'cutover', 'in-effect')
  const offAgain = { seconds: request.shutdownSeconds, force: true }
  const verified = await context.domains.start(domain, request.verify, offAgain, signal)
  await tellSourceUnseen(name, refuseSource, run)
  if (autostart) await context.domains.startWithHost(domain, true, signal)
  const marked = mark && (await markOrTell(name, mark, run)) ? { marked: mark } : {}
  await runHooks(['post_cutover'], 'cutover', subject, run)
  const ended = context.clock.now()
  const sourceOff = source?.wasOn ? off?.at : undefined
  const downtimeSeconds = (Date.parse(ended) - Date.parse(sourceOff ?? input.begun)) / 1000
  const of = copyOf(recordOf(name, { state })) ?? input.of
  return { of, begun: input.begun, ended, ...(sourceOff ? { sourceOff } : {}), downtimeSeconds, verified, ...marked }
}

async function refuseDrift(name: string, sides: 'target' | 'both', { state, context, signal }: DeedRun): Promise<void> {
  const drifted = await driftRefusals(name, sides, state, context, signal)
  if (drifted.length > 0) throw new ProblemError(drifted)
}

// Stopped between the two: nobody may take it for a machine that was left as it was.
function tellSourceOff(name: string, source: string, { emit }: DeedRun): void {
  const summary = `its source, the domain ${printable(source)}, may be off by now, and its target may not run yet`
  const hint = `h2k cutover ${addressOf(name)} goes on, h2k rollback ${addressOf(name)} takes it back`
  emit({
    type: 'diagnostic',
    problem: { severity: 'warning', code: 'INTERRUPTED', summary, hint, address: addressOf(name) },
  })
}
