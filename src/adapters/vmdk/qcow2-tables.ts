import { readSync, writeSync } from 'node:fs'
import type { Chunk } from './chunks.ts'
import {
  clusterBytes,
  l1Table,
  l2Entry,
  type Qcow2Layout,
  qcow2Header,
  refcountBlock,
  refcountTable,
  tableClusters,
} from './qcow2-layout.ts'

/** The tables of a qcow2 file, written while its data is: only one of those for the data is in memory. */
export interface Qcow2Tables {
  /** Takes the chunks in the order of the guest's disk; a grain is a cluster. `zeros` has a 1 for each that reads as zeros. */
  map(chunk: Pick<Chunk, 'grains' | 'rank'>, zeros: Uint8Array): void
  /** Writes what is left, the header last, without which it is no image; gives all that lies behind the data, in order. */
  finish(): Iterable<Uint8Array>
}

/** Writes to the open file `fd`. */
export function qcow2Tables(fd: number, layout: Qcow2Layout): Qcow2Tables {
  const tableOf = new Map<number, number>()
  let current: { readonly entry: number; readonly bytes: Buffer } | undefined

  const end = () => {
    if (!current) return
    write(fd, current.bytes, layout.l2Offset + tableOf.size * clusterBytes)
    tableOf.set(current.entry, tableOf.size)
    current = undefined
  }
  const tableFor = (entry: number): Buffer => {
    if (current?.entry !== entry) end()
    current ??= { entry, bytes: Buffer.alloc(clusterBytes) }
    return current.bytes
  }
  return {
    map({ grains, rank }, zeros) {
      grains.forEach((cluster, at) => {
        const entry = l2Entry(layout.dataOffset + (rank + at) * clusterBytes, zeros[at] === 1)
        tableFor(Math.floor(cluster / tableClusters)).writeBigUInt64BE(entry, (cluster % tableClusters) * 8)
      })
    },
    *finish() {
      end()
      if (tableOf.size !== layout.l2Tables) throw new Error(`${tableOf.size} L2 tables, not ${layout.l2Tables}`)
      for (let table = 0; table < layout.l2Tables; table++) {
        yield readCluster(fd, layout.l2Offset + table * clusterBytes)
      }
      yield write(
        fd,
        l1Table(layout, (entry) => tableOf.get(entry)),
        layout.l1Offset,
      )
      for (let block = 0; block < layout.refcountBlocks; block++) {
        yield write(fd, refcountBlock(layout, block), layout.refcountOffset + block * clusterBytes)
      }
      yield write(fd, refcountTable(layout), layout.refcountTableOffset)
      write(fd, qcow2Header(layout), 0)
    },
  }
}

function write(fd: number, bytes: Buffer, offset: number): Buffer {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, offset + done)
  }
  return bytes
}

function readCluster(fd: number, offset: number): Buffer {
  const bytes = Buffer.alloc(clusterBytes)
  if (readSync(fd, bytes, 0, clusterBytes, offset) !== clusterBytes)
    throw new Error(`a table at byte ${offset} is gone`)
  return bytes
}
