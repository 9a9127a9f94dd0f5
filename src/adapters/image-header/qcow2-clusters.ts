import type { ImageBytes } from './bytes.ts'
import { fault } from './faults.ts'
import { pieces, tables } from './tables.ts'

/** So many second tables are read at most; with clusters of 64 KiB they map 32 TiB. */
const mostTables = 65_536

export interface Qcow2Layout {
  readonly virtualBytes: number
  readonly clusterBits: number
  /** Of the first table, whose entries name the second tables. */
  readonly tableOffset: number
  readonly tableEntries: number
  /** Second tables have entries of 16 bytes, with a bitmap of 32 subclusters. */
  readonly extended: boolean
  /** The lowest bit of an entry says that its cluster reads as zeros. */
  readonly zeroBit: boolean
}

export interface AllocatedClusters {
  /** At most how many bytes of the disk the image holds: clusters that are stored, compressed or not. */
  readonly bytes: number
  /** Whether any is compressed; undefined where there are more tables than are read. */
  readonly compressed: boolean | undefined
}

/**
 * What the image's tables say of its clusters.
 * @throws ProblemError IMAGE_CORRUPT for tables and clusters outside the image
 */
export async function allocatedClusters(image: ImageBytes, layout: Qcow2Layout): Promise<AllocatedClusters> {
  const clusterBytes = 2 ** layout.clusterBits
  const entryBytes = layout.extended ? 16 : 8
  const tableCovers = (clusterBytes / entryBytes) * clusterBytes
  const needed = Math.ceil(layout.virtualBytes / tableCovers)
  if (needed > layout.tableEntries) {
    throw fault(image, 'IMAGE_CORRUPT', `has a first table for less than its ${layout.virtualBytes} bytes`)
  }

  const offsets: number[] = []
  let named = 0
  // Entries past the disk's end are of the states of a running machine.
  for await (const piece of pieces(image, layout.tableOffset, needed * 8, 'first table')) {
    for (let at = 0; at < piece.length; at += 8) {
      const offset = offsetIn(piece, at)
      if (offset === 0) continue
      if (offset % clusterBytes !== 0) {
        throw fault(image, 'IMAGE_CORRUPT', `has a second table at byte ${offset}, which is inside a cluster`)
      }
      named += 1
      if (named <= mostTables) offsets.push(offset)
    }
  }
  // Not the size of the file: a compressed cluster takes less of it than it holds.
  if (named > mostTables) {
    return { bytes: Math.min(layout.virtualBytes, named * tableCovers), compressed: undefined }
  }

  const heldBy = entryCounter(image, layout)
  let [held, compressed] = [0, false]
  for await (const { table, times } of tables(image, offsets, clusterBytes, 'second table')) {
    for (let at = 0; at < table.length; at += entryBytes) {
      held += times * heldBy(table, at)
      compressed ||= isCompressed(table, at)
    }
  }
  return { bytes: Math.min(layout.virtualBytes, held), compressed }
}

function isCompressed(table: Buffer, at: number): boolean {
  return (table.readUInt8(at) & 0x40) !== 0
}

function entryCounter(image: ImageBytes, { clusterBits, extended, zeroBit }: Qcow2Layout) {
  const clusterBytes = 2 ** clusterBits
  // The bits of a compressed cluster's offset that are in the upper half of its entry.
  const upperMask = 2 ** (62 - (clusterBits - 8) - 32) - 1
  const refuseOutside = (start: number) => {
    if (start < image.lengthBytes) return
    throw fault(image, 'IMAGE_CORRUPT', `ends at byte ${image.lengthBytes}; a cluster of its disk is at byte ${start}`)
  }
  return (table: Buffer, at: number): number => {
    if (isCompressed(table, at)) {
      refuseOutside((table.readUInt32BE(at) & upperMask) * 2 ** 32 + table.readUInt32BE(at + 4))
      return clusterBytes
    }
    const offset = offsetIn(table, at)
    const zeros = zeroBit && !extended && (table.readUInt8(at + 7) & 1) === 1
    if (offset === 0 || zeros) return 0
    const parts = extended ? bitsIn(table.readUInt32BE(at + 12)) : 32
    if (parts > 0) refuseOutside(offset)
    return (clusterBytes / 32) * parts
  }
}

/** Bits 9 to 55 of an entry: a byte of the image; 0 for none. */
function offsetIn(table: Buffer, at: number): number {
  return (table.readUInt32BE(at) & 0x00ffffff) * 2 ** 32 + ((table.readUInt32BE(at + 4) & 0xfffffe00) >>> 0)
}

function bitsIn(value: number): number {
  let bits = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) bits += 1
  return bits
}
