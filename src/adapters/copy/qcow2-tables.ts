import { readSync } from 'node:fs'
import type { Chunk } from './chunks.ts'
import {
  clusterBytes,
  compressedEntry,
  ownEntry,
  type Qcow2Layout,
  refcountBlock,
  refcountTable,
  tableClusters,
} from './qcow2-layout.ts'
import { writeAt } from './write-at.ts'

/** The tables of a qcow2 file, written while its data is: only one of those for the data is in memory. */
export interface Qcow2Tables {
  /** Takes the chunks in the order of the guest's disk, each grain a cluster: where it is and its bytes, 0 for zeros. */
  map(chunk: Pick<Chunk, 'grains'>, places: Float64Array, kept: Uint32Array): void
  /** Writes the last one. */
  end(): void
  /** Writes what lies behind all else; gives it, and the L2 tables before it, in the order of the file. */
  finish(layout: Qcow2Layout): Iterable<Uint8Array>
}

export interface TablesOf {
  /** The open file. */
  readonly fd: number
  /** Where the next L2 table goes. */
  place(): number
  /** Grains of zeros have a place in the file. */
  readonly zerosHavePlaces: boolean
}

export function qcow2Tables({ fd, place, zerosHavePlaces }: TablesOf): Qcow2Tables {
  const tables = new Map<number, number>()
  const refcounts = countClusters()
  let current: { readonly entry: number; readonly bytes: Buffer } | undefined

  const end = () => {
    if (!current) return
    const offset = place()
    writeAt(fd, current.bytes, offset)
    tables.set(current.entry, offset)
    current = undefined
  }
  const tableFor = (entry: number): Buffer => {
    if (current?.entry !== entry) end()
    current ??= { entry, bytes: Buffer.alloc(clusterBytes) }
    return current.bytes
  }
  return {
    map({ grains }, places, kept) {
      grains.forEach((cluster, at) => {
        const [offset, bytes] = [places[at] ?? 0, kept[at] ?? 0]
        if (bytes === 0 && !zerosHavePlaces) return
        const small = bytes > 0 && bytes < clusterBytes
        if (small) refcounts.add(offset, bytes)
        const entry = small ? compressedEntry(offset, bytes) : ownEntry(offset, bytes === 0)
        tableFor(Math.floor(cluster / tableClusters)).writeBigUInt64BE(entry, (cluster % tableClusters) * 8)
      })
    },
    end,
    *finish(layout) {
      for (const offset of tables.values()) yield readCluster(fd, offset)
      const l1 = Buffer.alloc(layout.refcountOffset - layout.l1Offset)
      for (const [entry, offset] of tables) l1.writeBigUInt64BE(ownEntry(offset), entry * 8)
      yield writeAt(fd, l1, layout.l1Offset)
      for (let block = 0; block < layout.refcountBlocks; block++) {
        yield writeAt(fd, refcountBlock(layout, block, refcounts.of), layout.refcountOffset + block * clusterBytes)
      }
      yield writeAt(fd, refcountTable(layout), layout.refcountTableOffset)
    },
  }
}

// Compressed clusters share the file's clusters; every other is used once.
function countClusters() {
  let counts = new Uint16Array(1024)
  return {
    add(offset: number, bytes: number) {
      const last = Math.floor((offset + bytes - 1) / clusterBytes)
      if (last >= counts.length) {
        const more = new Uint16Array(Math.max(last + 1, counts.length * 2))
        more.set(counts)
        counts = more
      }
      for (let cluster = Math.floor(offset / clusterBytes); cluster <= last; cluster++) {
        counts[cluster] = (counts[cluster] ?? 0) + 1
      }
    },
    of: (cluster: number) => counts[cluster] || 1,
  }
}

function readCluster(fd: number, offset: number): Buffer {
  const bytes = Buffer.alloc(clusterBytes)
  if (readSync(fd, bytes, 0, clusterBytes, offset) !== clusterBytes)
    throw new Error(`a table at byte ${offset} is gone`)
  return bytes
}
