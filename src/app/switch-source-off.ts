import { addressOf } from '../core/address.ts'
import { type CutoverBegun, type SourceBegun, sourceOff } from '../core/deeds.ts'
import type { SourceOffOutput } from '../core/outputs.ts'
import { printable } from '../core/printable.ts'
import { type Problem, ProblemError, problem } from '../core/problem.ts'
import type { SourceDomain } from '../core/source-domain.ts'
import { formatSeconds } from '../core/units.ts'
import { refusal } from './cutover-refusals.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'
import { recordOf } from './recorded-machine.ts'

/**
 * Switches the source of a cutover off, once for all of its attempts, and has it no longer start with its host.
 * @throws ProblemError CUTOVER_FAILED when it did not shut down in time, CUTOVER_REFUSED when somebody started it again
 */
export async function switchSourceOff(
  name: string,
  { begun, shutdownSeconds: seconds }: CutoverBegun,
  { domain, wasOn, autostart }: SourceBegun,
  action: SourceDomain['action'],
  run: DeedRun,
): Promise<SourceOffOutput> {
  const { context, state, signal, reached } = run
  const { domains, clock } = context
  const record = recordOf(name, run)
  const before = sourceOff(record, begun)
  if (before) {
    await refuseSourceOn(name, domain, before, run)
    return before
  }
  const prior = state.recordedInput(name, 'source_off') as { readonly of?: string; readonly asked?: string } | undefined
  const asked = (prior?.of === begun ? prior.asked : undefined) ?? clock.now()
  const act = async (): Promise<SourceOffOutput> => {
    if (autostart) await domains.startWithHost(domain, false, signal)
    reached(name, 'source_off', 'in-effect')
    const off = await domains.stop(domain, { seconds, force: action === 'power_off' }, signal)
    // Off since an earlier attempt, which was stopped before it saw that: no earlier than it was asked to.
    if (off !== 'still on') return { of: begun, at: wasOn && off === 'was off' ? asked : clock.now(), off }
    const shown = printable(domain.name)
    throw problem(
      'CUTOVER_FAILED',
      `its source, the domain ${shown}, did not shut down within ${formatSeconds(seconds)}`,
      {
        detail: 'it was asked to, and may do so yet',
        hint: `look at it: virsh -c '${domain.uri}' domstate ${shown}; a longer cutover.shutdown_seconds, or source_action: power_off`,
      },
    )
  }
  return await recordDeed('source_off', record, { of: begun, asked, domain, action, seconds }, act, run)
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

/** What is wrong with a source that runs although its cutover switched it off. */
export function sourceStarted(name: string, domain: SourceBegun['domain'], { at }: SourceOffOutput): Problem {
  const summary = `somebody started its source, the domain ${printable(domain.name)} of ${printable(domain.uri)}, which was off since ${at}: what it writes now is not in the copy`
  return refusal(name, summary, `h2k rollback ${addressOf(name)}, then h2k cutover once more; the source stays on`)
}
