import type { SourceBegun } from '../core/deeds.ts'
import type { RollbackOutput } from '../core/outputs.ts'
import { printable } from '../core/printable.ts'
import { problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import type { SourceMark } from '../core/source-mark.ts'
import { formatSeconds } from '../core/units.ts'
import type { DomainPlace, Domains, TurningOff } from '../ports/domains.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'

/** What taking a cutover back comes to. */
export interface Retreat {
  readonly domain: DomainPlace
  /** The attempt at a cutover that it takes back. */
  readonly of: number
  readonly off: TurningOff
  /** Its libvirt did not know it any more when somebody agreed to this. */
  readonly gone?: true
  /** The cutover had it start with its host. */
  readonly autostart?: true
  /** The source, to be put back as it was. */
  readonly source?: SourceBegun
  /** The mark of a source, to be taken away. */
  readonly mark?: SourceMark
}

/**
 * Takes back an attempt at a cutover: turns its domain off, leaves it and its disks where they are, and starts its source
 * again where the cutover switched it off. Never are both on.
 */
export async function rollBack(
  record: MachineRecord,
  { domain, of, off, gone, autostart, source, mark }: Retreat,
  run: DeedRun,
): Promise<void> {
  const { context, signal, reached } = run
  const turnOff = async () => {
    if (gone && (await context.domains.standing(domain, signal)) === 'missing') return 'was gone'
    // First: a host that restarts meanwhile must not bring it back.
    if (autostart) await context.domains.startWithHost(domain, false, signal)
    const went = await context.domains.stop(domain, off, signal)
    if (went === 'still on') {
      const summary = `the domain ${printable(domain.name)} did not shut down within ${formatSeconds(off.seconds)}`
      throw problem('ROLLBACK_FAILED', summary, {
        hint: 'shut it down from inside, or h2k rollback --force to switch it off',
      })
    }
    return went
  }
  const act = async (): Promise<RollbackOutput> => {
    const went = await turnOff()
    reached(record.name, 'rollback', 'in-effect')
    return {
      ...{ of, off: went },
      ...(source ? { source: await putBack(source, context.domains, signal) } : {}),
      ...(mark ? { mark: await context.domains.unmark(mark, signal) } : {}),
    }
  }
  await recordDeed('rollback', record, { of }, act, run)
}

async function putBack(
  { domain, wasOn, autostart }: SourceBegun,
  domains: Domains,
  signal: AbortSignal,
): Promise<NonNullable<RollbackOutput['source']>> {
  if (autostart) await domains.startWithHost(domain, true, signal)
  if (wasOn) return await domains.turnOn(domain, signal)
  return (await domains.standing(domain, signal)) === 'on' ? 'was on' : 'stays off'
}
