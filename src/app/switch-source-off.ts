import { addressOf } from '../core/address.ts'
import { type CutoverBegun, type SourceBegun, sourceOff } from '../core/deeds.ts'
import type { Machine } from '../core/machine.ts'
import type { SourceOffOutput } from '../core/outputs.ts'
import { printable } from '../core/printable.ts'
import { type Problem, ProblemError, problem, problemsOf } from '../core/problem.ts'
import type { SourceDomain } from '../core/source-domain.ts'
import { formatSeconds } from '../core/units.ts'
import { refusal } from './cutover-refusals.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'
import { recordOf } from './recorded-machine.ts'
import { sourceFaults } from './source-sight.ts'

/**
 * Switches the source of a cutover off, once for all of its attempts, and has it no longer start with its host.
 * @throws ProblemError CUTOVER_FAILED when it did not shut down in time, CUTOVER_REFUSED when somebody started it again
 */
export async function switchSourceOff(
  machine: Machine,
  { begun, shutdownSeconds: seconds }: CutoverBegun,
  { domain, wasOn, autostart }: SourceBegun,
  run: DeedRun,
): Promise<SourceOffOutput> {
  const { context, state, signal, reached } = run
  const { domains, clock } = context
  const { name, sourceDomain: { action } = { action: 'none' } } = machine
  const record = recordOf(name, run)
  const before = sourceOff(record, begun)
  if (before) {
    await refuseSourceOn(name, domain, before, run)
    return before
  }
  const prior = state.recordedInput(name, 'source_off') as { readonly of?: string; readonly asked?: string } | undefined
  const asked = (prior?.of === begun ? prior.asked : undefined) ?? clock.now()
  const act = async (): Promise<SourceOffOutput> => {
    // It may be long since the cutover was planned.
    await refuseFaults(machine, domain, run)
    if (autostart) await domains.startWithHost(domain, false, signal)
    reached(name, 'source_off', 'in-effect')
    const off = await domains.stop(domain, { seconds, force: action === 'power_off' }, signal)
    if (off === 'still on') throw stillOn(domain, seconds)
    // Off since an earlier attempt, which was stopped before it saw that: no earlier than it was asked to.
    const at = wasOn && off === 'was off' ? asked : clock.now()
    // Somebody may have taken a snapshot while it shut down.
    await refuseFaults(machine, domain, run)
    return { of: begun, at, off }
  }
  return await recordDeed('source_off', record, { of: begun, asked, domain, action, seconds }, act, run)
}

function stillOn({ uri, name }: SourceBegun['domain'], seconds: number): ProblemError {
  const shown = printable(name)
  const summary = `its source, the domain ${shown}, did not shut down within ${formatSeconds(seconds)}`
  return problem('CUTOVER_FAILED', summary, {
    detail: 'it was asked to, and may do so yet',
    hint: `look at it: virsh -c '${uri}' domstate ${shown}; a longer cutover.shutdown_seconds, or source_action: power_off`,
  })
}

async function refuseFaults(
  machine: Machine,
  domain: SourceBegun['domain'],
  { context, signal }: Pick<DeedRun, 'context' | 'signal'>,
): Promise<void> {
  const faults = sourceFaults(machine, await context.domains.look(domain, signal), context.files)
  if (faults.length === 0) return
  throw new ProblemError(faults.map(({ summary, hint }) => refusal(machine.name, summary, hint)))
}

/** @throws ProblemError CUTOVER_REFUSED when somebody started the source again, TARGET_UNREACHABLE */
export async function refuseSourceOn(
  name: string,
  domain: SourceBegun['domain'],
  off: SourceOffOutput,
  { context, signal }: Pick<DeedRun, 'context' | 'signal'>,
): Promise<void> {
  if ((await context.domains.standing(domain, signal)) !== 'on') return
  throw new ProblemError([sourceStarted(name, domain, off)])
}

/** @throws ProblemError CUTOVER_REFUSED when a source that the cutover leaves alone runs by now, SOURCE_MISSING, TARGET_UNREACHABLE */
export async function refuseSourceRuns(
  name: string,
  source: Pick<SourceDomain, 'uri' | 'name' | 'uuid'>,
  { context, signal }: Pick<DeedRun, 'context' | 'signal'>,
): Promise<void> {
  const { place, on } = await context.domains.look(source, signal)
  if (on) throw new ProblemError([sourceRuns(name, place)])
}

/** What is wrong with a source that runs, and that nothing switches off. */
export function sourceRuns(name: string, { uri, name: domain }: SourceBegun['domain']): Problem {
  const shown = printable(domain)
  const summary = `its source, the domain ${shown} of ${printable(uri)}, runs, and beside its target it would be there twice`
  const hint = `shut it down: virsh -c '${uri}' shutdown ${shown}; or cutover: {source_action: shutdown}`
  return refusal(name, summary, hint)
}

/**
 * Looks once more when the target runs: a source that cannot be looked at any more is no reason to turn off what took its
 * place, and is told.
 * @throws what `look` throws otherwise
 */
export async function tellSourceUnseen(
  name: string,
  look: () => Promise<void>,
  run: Pick<DeedRun, 'signal' | 'emit'>,
): Promise<void> {
  try {
    await look()
  } catch (error) {
    const [first] = problemsOf(error) ?? []
    if (run.signal.aborted || (first?.code !== 'TARGET_UNREACHABLE' && first?.code !== 'SOURCE_MISSING')) throw error
    const summary = `could not see whether its source is still off: ${first.summary}`
    run.emit({ type: 'diagnostic', problem: { ...first, severity: 'warning', summary, address: addressOf(name) } })
  }
}

/** What is wrong with a source that runs although its cutover switched it off. */
export function sourceStarted(name: string, domain: SourceBegun['domain'], { at }: SourceOffOutput): Problem {
  const summary = `somebody started its source, the domain ${printable(domain.name)} of ${printable(domain.uri)}, which was off since ${at}: what it writes now is not in the copy`
  return refusal(name, summary, `h2k rollback ${addressOf(name)}, then h2k cutover once more; the source stays on`)
}
