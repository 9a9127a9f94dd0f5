import type { DescribedMachine } from '../core/described.ts'
import type { FileIdentity, ImageKind, ImageLocation } from '../core/image.ts'
import type { DiskSource, MachineSource } from '../core/machine.ts'
import type { ExportOutput } from '../core/outputs.ts'
import type { Work } from './work.ts'

export interface Observation {
  /** What the source says of the machine; absent when it is only image files. */
  readonly described?: DescribedMachine
  /** The files that hold it, as they are now. */
  readonly files: readonly FileIdentity[]
}

export interface ExportInput {
  readonly source: MachineSource
  readonly disks: readonly {
    readonly id: string
    readonly from: DiskSource
    readonly virtualBytes: number
    readonly checksum?: string
  }[]
  /** As they were when the stage was planned. */
  readonly files: readonly FileIdentity[]
  /** Set when the disks are on a web server. */
  readonly remote?: {
    /** By the ids of disks that have to be here as a whole, why. */
    readonly whole: Readonly<Record<string, string>>
    /** Where those are put. Absolute. */
    readonly folder: string
  }
  /** The copy is the first to read the disks, and compares them with their digests. */
  readonly checkedByCopy?: true
  /** The machine may go on writing: it is copied once more when it is off. */
  readonly live?: true
}

/** How much there is to copy of a disk. */
export interface DiskUsage extends ImageKind {
  readonly id: string
  /** Bytes to read. */
  readonly fileBytes: number
  /** At most this many bytes hold data. */
  readonly usedBytes: number
  /** Of that, what a copy leaves out when swap is to stay behind. */
  readonly skippedBytes?: number
  /** The image, where it can be looked into. */
  readonly image?: ImageLocation
  /** Of a disk on a web server: whether it can be copied while it arrives, else why not. */
  readonly arrives?: true | { readonly not: string }
}

/** Where machines come from. Never written to. */
export interface Source {
  /**
   * Looks at a machine without reading its disks.
   * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE, ARCHIVE_HOSTILE, ARCHIVE_CORRUPT, OVF_INVALID …
   */
  observe(source: MachineSource, diskPaths: readonly string[], signal: AbortSignal): Promise<Observation>
  /**
   * Files on a web server as they are now; undefined for those that are not there.
   * @throws ProblemError SOURCE_UNREADABLE
   */
  identities(addresses: readonly string[], signal: AbortSignal): Promise<readonly (FileIdentity | undefined)[]>
  /**
   * Reads headers and tables of the images, not their data.
   * @throws ProblemError IMAGE_… for an image that must not be opened
   */
  measure(source: MachineSource, disks: ExportInput['disks'], signal: AbortSignal): Promise<readonly DiskUsage[]>
  /**
   * Makes every disk readable for the copy and checks the digests that there are, but for those that the copy checks.
   * @throws ProblemError CHECKSUM_DIFFERS, SOURCE_CHANGED, DISK_SIZE_DIFFERS, IMAGE_…
   */
  export(input: ExportInput, work: Work): Promise<ExportOutput>
}
