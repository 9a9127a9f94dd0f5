import type { ApprovalStanding } from '../core/approval.ts'
import { printable } from '../core/printable.ts'

/** Whether a machine may be cut over, in a few words. */
export function approvalText(approval: ApprovalStanding): string {
  if (approval.standing === 'waits') return 'its cutover waits for approval'
  const { by, until, lapses } = approval
  const end = until === undefined ? '' : ` until ${printable(until)}`
  return `cutover approved by ${printable(by)}${end}${lapses ? '; this change ends that' : ''}`
}
