import type { DescribedMachine } from '../core/described.ts'

/** A file inside an archive, or beside its OVF, and where its bytes lie. */
export interface ArchiveEntry {
  readonly name: string
  /** The file to read, absolute. */
  readonly path: string
  /** Set when it is a stretch of `path`. */
  readonly stretch?: { readonly offsetBytes: number; readonly lengthBytes: number }
  readonly lengthBytes: number
  /** Algorithm and hex, where a manifest of digests named one. */
  readonly digest?: string
}

/** What an archive that is far away claims of itself: the digests of its entries were not compared with anything. */
export interface ClaimedArchive {
  readonly machine: DescribedMachine
  readonly entries: readonly ArchiveEntry[]
  readonly warnings: readonly string[]
}

/** A machine in an OVA, or in an OVF with its disks beside it. */
export interface Archive {
  /** Reads the description alone. */
  describe(path: string, signal: AbortSignal): Promise<DescribedMachine>
  /** Finds its files without reading them. */
  index(path: string, signal: AbortSignal): Promise<readonly ArchiveEntry[]>
  /**
   * Reads everything once and checks every digest that there is, but for the files `unread`: whoever reads those compares
   * them.
   */
  verify(
    path: string,
    signal: AbortSignal,
    progress: (bytesDone: number) => void,
    unread?: readonly string[],
  ): Promise<{ readonly entries: readonly ArchiveEntry[]; readonly warnings: readonly string[] }>
}
