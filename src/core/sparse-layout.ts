/**
 * Of a VMDK that is copied while it arrives, all that is before its first grain, and its directory, are held in memory. Larger
 * ones are left to who can seek: a directory of so many bytes has 64 TiB, more than VMware's largest disk.
 */
export const mostMetadataBytes = 2 ** 23

/** What the header of a sparse VMDK says of its grains; sizes and offsets in bytes. */
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
