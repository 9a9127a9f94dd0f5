import type { CutoverRequest } from './cutover.ts'
import { approvalAt, type CutoverBegun, cutOver, openCutover, sourceOff } from './deeds.ts'
import type { ApprovalOutput } from './outputs.ts'
import type { MachineRecord } from './record.ts'

/** How the approval stands that a machine needs before its cutover. */
export type ApprovalStanding =
  | { readonly standing: 'waits' }
  /** `lapses` where what is planned is another machine than the one that was approved. */
  | { readonly standing: 'given'; readonly by: string; readonly until?: string; readonly lapses?: true }

/**
 * That of a machine at a moment (ISO 8601), with what its latest cutover set out with; undefined for one that needs none, or
 * is cut over, or has its source off for that.
 */
export function approvalStanding(
  { requireApproval }: Pick<CutoverRequest, 'requireApproval'>,
  record: MachineRecord | undefined,
  begun: CutoverBegun | undefined,
  now: string,
): ApprovalStanding | undefined {
  if (!requireApproval || (record && cutOver(record))) return undefined
  const going = record && openCutover(record, begun)
  if (going && sourceOff(record, going.begun)) return undefined
  const given = record && approvalOf(record, going, now)
  if (!given) return { standing: 'waits' }
  return { standing: 'given', by: given.by, ...(given.until === undefined ? {} : { until: given.until }) }
}

/** The approval that holds at a moment (ISO 8601): one that was given before a cutover began holds for its last copy, too. */
export function approvalOf(
  record: MachineRecord,
  going: CutoverBegun | undefined,
  now: string,
): ApprovalOutput | undefined {
  return approvalAt(record, now, going?.source?.approvable) ?? approvalAt(record, now)
}
