import type { CutoverRequest } from './cutover.ts'
import { approvalAt, cutOver } from './deeds.ts'
import type { MachineRecord } from './record.ts'

/** How the approval stands that a machine needs before its cutover. */
export type ApprovalStanding =
  | { readonly standing: 'waits' }
  /** `lapses` where what is planned is another machine than the one that was approved. */
  | { readonly standing: 'given'; readonly by: string; readonly until?: string; readonly lapses?: true }

/** That of a machine at a moment (ISO 8601); undefined for one that needs none, or is cut over. */
export function approvalStanding(
  { requireApproval }: Pick<CutoverRequest, 'requireApproval'>,
  record: MachineRecord | undefined,
  now: string,
): ApprovalStanding | undefined {
  if (!requireApproval || (record && cutOver(record))) return undefined
  const given = record && approvalAt(record, now)
  if (!given) return { standing: 'waits' }
  return { standing: 'given', by: given.by, ...(given.until === undefined ? {} : { until: given.until }) }
}
