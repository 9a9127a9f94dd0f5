import type { DomainState } from './domain/domain-drift.ts'
import type { FileIdentity, ImageKind, ImageLocation } from './image.ts'
import type { Inspection } from './inspection.ts'
import type { OutputFormat } from './machine.ts'
import type { RepairOutcome } from './repair.ts'
import type { SourceMark } from './source-mark.ts'

/** What each stage leaves behind for those after it, as the state keeps it. */
export interface StageOutputs {
  readonly preflight: PreflightOutput
  readonly export: ExportOutput
  readonly inspect: Inspection
  readonly fix: FixOutput
  readonly convert: ConvertOutput
  readonly validate: ValidateOutput
  readonly publish: PublishOutput
  readonly boot_test: BootTestOutput
}

export interface PreflightOutput {
  /** What was looked at, in words. */
  readonly checks: readonly string[]
}

export interface ExportOutput {
  readonly disks: readonly ExportedDisk[]
  /** Every file that the disks are read from. */
  readonly files: readonly FileIdentity[]
  /** What was fetched into the work folder, for the stages after this one. */
  readonly fetched?: readonly FileIdentity[]
  readonly warnings: readonly string[]
}

/** A source disk where the copy can read it. The source itself is never written. */
export interface ExportedDisk extends ImageKind {
  readonly id: string
  readonly image: ImageLocation
  readonly virtualBytes: number
  readonly allocatedBytes: number
  /** The files that it is read from, where other disks have others; without it, all of the export. */
  readonly parts?: readonly string[]
  /** Algorithm, colon, hex, where the source or the manifest named one and it was checked. */
  readonly checked?: string
  /** The same where nothing reads the disk before its copy, which checks it on the way. */
  readonly claimed?: string
  /** Set when `image` is on a web server and is copied while it arrives: what the copy has to find there. */
  readonly arriving?: Arriving
}

/** By a digest where there is one: then it does not matter when the file was put there. */
export type Arriving =
  /** Algorithm, colon, hex. */
  { readonly digest: string; readonly file?: undefined } | { readonly file: FileIdentity; readonly digest?: undefined }

export interface FixOutput extends RepairOutcome {
  /** Every disk of the machine, to be read instead of the exported one while its overlay is there. */
  readonly disks: readonly FixedDisk[]
}

export interface FixedDisk {
  readonly id: string
  /** The overlay. */
  readonly image: ImageLocation
  readonly file: FileIdentity
  /** The workspace’s folder at that time: an overlay names the image under it by where that lay. */
  readonly madeIn: string
}

export interface ConvertOutput {
  readonly disks: readonly ConvertedDisk[]
}

export interface ConvertedDisk {
  readonly id: string
  readonly format: OutputFormat
  readonly virtualBytes: number
  readonly file: FileIdentity
  /** Hex, of the file. */
  readonly sha256: string
  /** Which reader and writer copied it. */
  readonly engine: string
  /** Why qemu-img had a part in it, where it had. */
  readonly because?: string
  /** What of its data was left out, where something was to be. */
  readonly skippedBytes?: number
  readonly seconds: number
}

export interface ValidateOutput {
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly rule: string
  readonly severity: 'info' | 'warning' | 'error' | 'critical'
  readonly subject: string
  readonly evidence: string
  /** The way out: one command or one edit. */
  readonly hint?: string
}

export interface PublishOutput {
  /** The disks that were moved from where they were converted, where they lie now. */
  readonly placed: readonly PlacedDisk[]
  /** `domain.xml` */
  readonly domain: FileIdentity
  readonly sha256: string
  readonly uuid: string
  /** What was looked at in `domain.xml`. */
  readonly findings: readonly Finding[]
  /** Where and as what it was defined; absent for a machine that is only files. */
  readonly libvirt?: PublishedDomain
}

export interface PlacedDisk {
  readonly id: string
  readonly from: string
  readonly file: FileIdentity
  /** It was copied: what it was made from stayed. */
  readonly kept?: true
}

export interface PublishedDomain extends DomainState {
  readonly uri: string
  /** Its cutover is what has it start with its host. */
  readonly autostartAtCutover?: true
  /** The disks that it starts from: a snapshot's instead of those that were converted. */
  readonly disks: readonly { readonly id: string; readonly source: string }[]
}

export interface BootTestOutput {
  /** From the start of the emulator. */
  readonly seconds: number
  readonly sign: BootSign
  /** The line on the serial port that it was seen in; absent for the guest agent. */
  readonly saw?: string
  /** Whether its guest agent answered, in time. */
  readonly agent: boolean
  readonly accelerator: 'kvm' | 'tcg'
  /** The emulator's version. */
  readonly emulator: string
  /** What the trial had, which may be less than the machine has. */
  readonly cpus: number
  readonly memoryMib: number
  /** What the serial port said, bounded. */
  readonly log: string
}

/** Somebody's word that a machine may be cut over. */
export interface ApprovalOutput {
  /** What it is for: see `approvable` in `deeds.ts`. */
  readonly of: string
  readonly by: string
  /** It holds before this. ISO 8601. */
  readonly until?: string
}

export interface CutoverOutput {
  /** The copy that was cut over to: see `copyOf` in `deeds.ts`. */
  readonly of: string
  /** ISO 8601: of the first attempt, where it took more than one. */
  readonly begun: string
  readonly ended: string
  /** When the source went off, where the cutover switched it off. ISO 8601. */
  readonly sourceOff?: string
  /**
   * To the end from when the source went off; from the beginning where h2k did not switch it off, since nobody knows here what
   * went before.
   */
  readonly downtimeSeconds: number
  /** By what it showed that it works, in words. */
  readonly verified: readonly string[]
  /** The mark that its source got. */
  readonly marked?: SourceMark
}

/** How a domain came to be off. */
export type WentOff = 'was off' | 'shut down' | 'switched off'

export interface SourceOffOutput {
  /** The beginning of the cutover that it is a part of. */
  readonly of: string
  /** When it was seen to be off; when it was asked to, where the attempt that saw it was killed. ISO 8601. */
  readonly at: string
  readonly off: WentOff
}

export interface RollbackOutput {
  /** The attempt at a cutover that it takes back. */
  readonly of: number
  readonly off: WentOff | 'was gone'
  /** Absent where the cutover did nothing with the source. */
  readonly source?: 'started' | 'was on' | 'stays off'
  /** How the mark of the source stood before it was taken away; absent where the cutover set none. */
  readonly mark?: 'marked' | 'not marked' | 'marked otherwise' | 'missing'
}

/** By what a guest shows that it is up. */
export type BootSign = 'expected text' | 'login prompt' | 'guest agent'
