import type { CopyEngine } from '../core/copy-engine.ts'
import type { FileIdentity, ImageHeader, ImageLocation } from '../core/image.ts'
import type { Conversion, OutputFormat } from '../core/machine.ts'
import type { Arriving, Finding } from '../core/outputs.ts'
import type { Work } from './work.ts'

/** A finished copy of a disk. */
export interface WrittenDisk {
  readonly file: FileIdentity
  /** Hex, of the file. */
  readonly sha256: string
  readonly engine: string
  /** Why qemu-img had a part in it, where it had. */
  readonly because?: string
  /** What of its data was left out, where something was to be. */
  readonly skippedBytes?: number
}

export interface DiskToCopy {
  readonly image: ImageLocation
  /** What `image`, an overlay, lies over. */
  readonly backing?: ImageLocation
  /** Set when `image` is on a web server. */
  readonly arriving?: Arriving
  /** Algorithm, colon, hex: what all of the source has to be, `backing` where there is one. */
  readonly claimed?: string
  /** A machine may be writing to it, and what is copied then is not the last copy: qemu's lock on it is not asked for. */
  readonly shared?: true
}

/** Images on this host. Formats are always given, never guessed. */
export interface Disks {
  /**
   * Reads an image's header by h2k's own reader, before any tool opens it.
   * @throws ProblemError IMAGE_REFERS_OUTSIDE, IMAGE_ABSURD, IMAGE_CORRUPT, IMAGE_UNSUPPORTED, IMAGE_UNKNOWN
   */
  header(image: ImageLocation, signal: AbortSignal): Promise<ImageHeader>
  /**
   * Copies what the guest sees into a new file, which has its final name only when it is complete and on the disk.
   * Progress counts up to `dataBytes`.
   * @throws ProblemError CHECKSUM_DIFFERS when it is not what it is claimed to be
   */
  convert(
    from: DiskToCopy,
    to: {
      readonly path: string
      readonly format: OutputFormat
      readonly dataBytes: number
      readonly engine: CopyEngine
      /** What the copy depends on: one that was stopped is gone on with when it is the same. */
      readonly key: string
    } & Conversion,
    work: Pick<Work, 'signal' | 'progress'>,
  ): Promise<WrittenDisk>
  /**
   * How many bytes of swap a copy can leave out, at most; undefined for images whose swap is copied all the same.
   * @throws ProblemError GUEST_REFUSED for a guest that is hibernated; IMAGE_CORRUPT
   */
  swap(image: ImageLocation, signal: AbortSignal): Promise<number | undefined>
  /** Whether the image is consistent in itself. */
  check(image: ImageLocation, signal: AbortSignal): Promise<Finding>
  /** Whether the guest sees the same bytes in both. */
  compare(from: ImageLocation, to: ImageLocation, signal: AbortSignal): Promise<Finding>
  /**
   * Makes an empty qcow2 at `path`, in place of what is there: its data is the image's, which is never written. With
   * `forLibvirt`, which does not read qemu's own way to name an image, it says the path of the image alone.
   */
  overlay(over: ImageLocation, path: string, signal: AbortSignal, forLibvirt?: true): Promise<void>
  /** The tools that do it, with their versions; TOOL_MISSING where one is not there. */
  tools(signal: AbortSignal): Promise<Readonly<Record<string, string>>>
}
