import { fingerprint } from './fingerprint.ts'
import type { ApprovalOutput, ConvertOutput, CutoverOutput, RollbackOutput, SourceOffOutput } from './outputs.ts'
import type { MachineRecord } from './record.ts'
import type { SourceMark } from './source-mark.ts'
import type { DeedName } from './stage-names.ts'

interface DeedOutputs {
  readonly approval: ApprovalOutput
  readonly cutover: CutoverOutput
  readonly source_off: SourceOffOutput
  readonly rollback: RollbackOutput
}

/** What a deed that is done left; undefined for one that is not. */
export function deedOutput<Name extends DeedName>(
  { deeds }: Pick<MachineRecord, 'deeds'>,
  name: Name,
): DeedOutputs[Name] | undefined {
  const record = deeds.get(name)
  return record?.status === 'done' ? (record.output as unknown as DeedOutputs[Name]) : undefined
}

/**
 * Tells one copy of a machine's disks from another: what was done with one does not hold for the next. How long it took tells
 * apart copies that are the same byte for byte. Undefined while there is none.
 */
export function copyOf({ stages }: Pick<MachineRecord, 'stages'>): string | undefined {
  const convert = stages.get('convert')
  if (convert?.status !== 'done') return undefined
  const { disks } = convert.output as unknown as ConvertOutput
  return copyOfDisks(disks)
}

/** The same of the disks of a copy. */
export function copyOfDisks(disks: ConvertOutput['disks']): string {
  return fingerprint(disks.map(({ id, sha256, seconds }) => ({ id, sha256, seconds })))
}

/** The cutover that holds: it was done, with these disks, and not taken back. */
export function cutOver(record: MachineRecord): CutoverOutput | undefined {
  const done = deedOutput(record, 'cutover')
  if (!done || takenBack(record)) return undefined
  const copy = copyOf(record)
  return copy === undefined || copy === done.of ? done : undefined
}

/** What the latest cutover set out with, as the state keeps it. */
export interface CutoverBegun {
  /** What it cuts over to: see `copyOf`. */
  readonly of: string
  /** When its first attempt began. ISO 8601. */
  readonly begun: string
  readonly shutdownSeconds: number
  /** What it starts. Absent in states that an earlier version wrote. */
  readonly target?: DomainAt
  /** Set where it has the domain start with its host. */
  readonly autostart?: true
  /** Names of machines that it depends on, as git said when it was cut over. */
  readonly after?: readonly string[]
  /** What it does with the source; absent where it leaves it alone. */
  readonly source?: SourceBegun
  /** How it marks a source that it leaves off; absent where it does not. */
  readonly mark?: SourceMark
  /** What git wanted of the machine at its first attempt, part by part. Absent in states that an earlier version wrote. */
  readonly wanted?: Readonly<Record<string, string>>
}

interface DomainAt {
  readonly uri: string
  readonly uuid: string
  readonly name: string
}

/** A source as it was before the first attempt at a cutover touched it. */
export interface SourceBegun {
  readonly domain: DomainAt
  readonly wasOn: boolean
  /** It started with its host. */
  readonly autostart: boolean
  /** What was approved, when it began: the last copy makes it another one. */
  readonly approvable?: string
}

/** When the cutover that began at `begun` had its source off; undefined while it has not. */
export function sourceOff(record: MachineRecord, begun: string): SourceOffOutput | undefined {
  const done = deedOutput(record, 'source_off')
  return done?.of === begun ? done : undefined
}

/** A cutover that began and neither ended well nor was taken back: the next one goes on with it. */
export function openCutover(
  record: MachineRecord,
  begun: CutoverBegun | undefined,
): (CutoverBegun & { readonly attempt: number }) | undefined {
  const cutover = record.deeds.get('cutover')
  if (!cutover || cutover.status === 'done' || takenBack(record)) return undefined
  // The last copy of a cutover is a part of it.
  const holds = begun && (begun.source !== undefined || begun.of === copyOf(record))
  return holds ? { ...begun, attempt: cutover.attempt } : undefined
}

/** How far a machine is with its cutover: one that began and did not end may have got anywhere. */
export type CutoverStanding = 'before' | 'under way' | 'after'

/** How far it is by what the state has; a machine that it does not know is before it. */
export function cutoverStanding(record: MachineRecord | undefined): CutoverStanding {
  if (!record) return 'before'
  if (cutOver(record)) return 'after'
  const begun = record.deeds.get('cutover')
  return begun && begun.status !== 'done' && !takenBack(record) ? 'under way' : 'before'
}

function takenBack(record: MachineRecord): boolean {
  return deedOutput(record, 'rollback')?.of === record.deeds.get('cutover')?.attempt
}

/** What an approval is for: this copy, published like this, until it is rolled back. */
export function approvable(record: MachineRecord): string | undefined {
  const copy = copyOf(record)
  const published = record.stages.get('publish')
  if (copy === undefined || published?.status !== 'done') return undefined
  const rolledBack = deedOutput(record, 'rollback')?.of ?? 0
  return fingerprint({ copy, published: published.fingerprint, rolledBack })
}

/** The approval that holds at a moment (ISO 8601), for what there is, or for what there was when its cutover began. */
export function approvalAt(
  record: MachineRecord,
  now: string,
  of: string | undefined = approvable(record),
): ApprovalOutput | undefined {
  const given = deedOutput(record, 'approval')
  if (given?.of !== of) return undefined
  return given?.until === undefined || Date.parse(now) < Date.parse(given.until) ? given : undefined
}
