import { approvalStanding } from '../core/approval.ts'
import { cutoverRequest } from '../core/cutover.ts'
import type { CutoverBegun } from '../core/deeds.ts'
import type { PlannedMachine } from '../core/plan.ts'
import type { MachineRecord } from '../core/record.ts'
import type { Seen } from './subjects.ts'

/** Says of a planned machine how the approval stands that it needs before its cutover. */
export function withApproval(
  planned: PlannedMachine,
  { desired, subject }: Seen,
  record: MachineRecord | undefined,
  begun: CutoverBegun | undefined,
  now: string,
): PlannedMachine {
  const target = subject?.machine.target
  if (target?.kind !== 'libvirt' || !target.define) return planned
  const approval = approvalStanding(cutoverRequest(desired.manifest), record, begun, now)
  if (!approval) return planned
  const lapses = approval.standing === 'given' && planned.stages.some(({ stage }) => stage === 'publish')
  return { ...planned, approval: lapses ? { ...approval, lapses: true } : approval }
}
