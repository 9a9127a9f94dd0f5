import { type ProblemError, problem } from '../../core/problem.ts'

/** An open sparse VMDK, as h2k's own reader of image headers hands it over. Offsets and sizes are in bytes. */
export interface SparseVmdk {
  /** How messages name it. */
  readonly name: string
  /** Bytes of the image; it begins at `offsetBytes` of the open file `fd`. */
  readonly lengthBytes: number
  readonly fd: number
  readonly offsetBytes: number
  readonly layout: SparseLayout
  /** Reads exactly so much, within the image. */
  read(offset: number, length: number, what: string): Promise<Buffer>
}

export interface SparseLayout {
  /** What the guest sees. */
  readonly capacityBytes: number
  readonly grainBytes: number
  /** Grains that a table names. */
  readonly tableEntries: number
  readonly directoryOffset: number
  readonly directoryEntries: number
  /** Each grain is deflated by itself. */
  readonly compressed: boolean
  /** A marker stands before each compressed grain: which one it is and how long. */
  readonly markers: boolean
  /** A table's entry 1 stands for a grain of zeros. */
  readonly zeroGrains: boolean
}

/** The error for an image that cannot be what it says; the offset is told so that it can be looked at. */
export function corrupt(name: string, what: string): ProblemError {
  return problem('IMAGE_CORRUPT', `${name} ${what}`, {
    hint: 'copy it from its source again and compare the checksums; if it is the same there, export it again',
  })
}
