import type { RollbackOutput } from '../core/outputs.ts'
import type { MachineRecord } from '../core/record.ts'
import type { DomainPlace, TurningOff } from '../ports/domains.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'

/** What taking a cutover back comes to. */
export interface Retreat {
  readonly domain: DomainPlace
  /** The attempt at a cutover that it takes back. */
  readonly of: number
  readonly off: TurningOff
  /** The cutover had it start with its host. */
  readonly autostart?: true
}

/** Takes back an attempt at a cutover: turns its domain off, and leaves it and its disks where they are. */
export async function rollBack(
  record: MachineRecord,
  { domain, of, off, autostart }: Retreat,
  run: DeedRun,
): Promise<void> {
  const { context, signal, reached } = run
  const act = async (): Promise<RollbackOutput> => {
    reached(record.name, 'rollback', 'in-effect')
    // First: a host that restarts meanwhile must not bring it back.
    if (autostart) await context.domains.startWithHost(domain, false, signal)
    return { of, off: await context.domains.stop(domain, off, signal) }
  }
  await recordDeed('rollback', record, { of }, act, run)
}
