import type { RollbackOutput } from '../core/outputs.ts'
import type { MachineRecord } from '../core/record.ts'
import type { DomainPlace, TurningOff } from '../ports/domains.ts'
import { type DeedRun, recordDeed } from './record-deed.ts'

/** Takes back an attempt at a cutover: turns its domain off, and leaves it and its disks where they are. */
export async function rollBack(
  record: MachineRecord,
  domain: DomainPlace,
  of: number,
  off: TurningOff,
  run: DeedRun,
): Promise<void> {
  const { context, signal, reached } = run
  const act = async (): Promise<RollbackOutput> => {
    reached(record.name, 'rollback', 'in-effect')
    return { of, off: await context.domains.stop(domain, off, signal) }
  }
  await recordDeed('rollback', record, { of }, act, run)
}
