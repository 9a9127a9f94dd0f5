import type { Inspection } from '../core/inspection.ts'
import type { RepairOutcome, RepairRequest } from '../core/repair.ts'
import type { GuestDisks } from '../ports/guests.ts'
import type { Work } from '../ports/work.ts'
import type { OpenGuests } from './open-guests.ts'

/**
 * Repairs a guest in its overlays: by h2k's own repairs, or by virt-v2v and after it by what `configuration` says. Everything is
 * written when this settles.
 */
export async function repairGuest(
  disks: GuestDisks,
  inspection: Inspection,
  request: RepairRequest,
  guests: OpenGuests,
  work: Pick<Work, 'signal' | 'intend' | 'logFile'>,
): Promise<RepairOutcome> {
  const bySelf = async (overlays?: 'written') => {
    const guest = await guests.take(disks, work, overlays)
    const outcome = await guest.repair(inspection, request)
    await guests.finish(disks.folder)
    return outcome
  }
  const { fixer, virtioWin, configuration } = request
  if (fixer !== 'virt-v2v' && inspection.family !== 'windows') return await bySelf()
  const options = { log: work.logFile('virt-v2v.log'), ...(virtioWin === undefined ? {} : { virtioWin }) }
  const outcome = await guests.repairByVirtV2v(disks, options, work)
  if (!configuration) return outcome
  const after = await bySelf('written')
  return {
    ...after,
    changes: [...outcome.changes, ...after.changes],
    findings: [...outcome.findings, ...after.findings],
  }
}
