import { usualGrainBytes } from '../../core/image.ts'

/** Bytes of a cluster: so that each takes one grain. */
export const clusterBytes = usualGrainBytes

/** Clusters that one L2 table maps. */
export const tableClusters = clusterBytes / 8

/** Where the tables behind the data are; all offsets in bytes. */
export interface Qcow2Layout {
  readonly virtualBytes: number
  readonly l1Offset: number
  readonly l1Entries: number
  readonly refcountOffset: number
  readonly refcountBlocks: number
  readonly refcountTableOffset: number
  readonly refcountTableClusters: number
  /** Of the whole file. */
  readonly clusters: number
}

/** L1 table, refcount blocks, refcount table: in this order, without gaps, from `endOffset` on, a cluster's boundary. */
export function qcow2Layout(virtualBytes: number, endOffset: number): Qcow2Layout {
  const l1Entries = Math.max(1, Math.ceil(virtualBytes / (clusterBytes * tableClusters)))
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes)
  const before = endOffset / clusterBytes + l1Clusters
  // The refcounts count their own clusters too.
  let [blocks, tables, clusters] = [0, 0, before]
  for (;;) {
    blocks = Math.ceil(clusters / (clusterBytes / 2))
    tables = Math.ceil((blocks * 8) / clusterBytes)
    if (before + blocks + tables === clusters) break
    clusters = before + blocks + tables
  }
  const refcountOffset = endOffset + l1Clusters * clusterBytes
  return {
    virtualBytes,
    l1Offset: endOffset,
    l1Entries,
    refcountOffset,
    refcountBlocks: blocks,
    refcountTableOffset: refcountOffset + blocks * clusterBytes,
    refcountTableClusters: tables,
    clusters,
  }
}

/** The header cluster, version 3, as qemu's docs/interop/qcow2.txt has it. */
export function qcow2Header(layout: Qcow2Layout, compression: 'zlib' | 'zstd' = 'zlib'): Buffer {
  const header = Buffer.alloc(clusterBytes)
  header.write('QFI\xfb', 0, 'latin1')
  header.writeUInt32BE(3, 4)
  header.writeUInt32BE(Math.log2(clusterBytes), 20)
  header.writeBigUInt64BE(BigInt(layout.virtualBytes), 24)
  header.writeUInt32BE(layout.l1Entries, 36)
  header.writeBigUInt64BE(BigInt(layout.l1Offset), 40)
  header.writeBigUInt64BE(BigInt(layout.refcountTableOffset), 48)
  header.writeUInt32BE(layout.refcountTableClusters, 56)
  // Another compression than zlib is a feature without which nobody can read the image.
  if (compression === 'zstd') header.writeBigUInt64BE(1n << 3n, 72)
  // Refcounts of 2^4 bits; the header's own length.
  header.writeUInt32BE(4, 96)
  header.writeUInt32BE(112, 100)
  if (compression === 'zstd') header.writeUInt8(1, 104)
  return header
}

/** Bits of a table's entry: the cluster belongs to this entry alone; it reads as zeros; it is compressed. */
const copied = 1n << 63n
const readsZero = 1n
const compressed = 1n << 62n
/** Of a compressed cluster: so many bits are its offset, the others count the further sectors that it reaches into. */
const offsetBits = 62n - (16n - 8n)

/** The entry of a cluster of its own, or of an L2 table in the L1 table. */
export function ownEntry(offset: number, zero = false): bigint {
  return copied | BigInt(offset) | (zero ? readsZero : 0n)
}

/** The entry of a compressed cluster of so many bytes. */
export function compressedEntry(offset: number, bytes: number): bigint {
  const furtherSectors = Math.floor((offset + bytes - 1) / 512) - Math.floor(offset / 512)
  return compressed | (BigInt(furtherSectors) << offsetBits) | BigInt(offset)
}

/** One of the refcount blocks. */
export function refcountBlock(layout: Qcow2Layout, block: number, countOf: (cluster: number) => number): Buffer {
  const bytes = Buffer.alloc(clusterBytes)
  const perBlock = clusterBytes / 2
  const used = Math.min(perBlock, layout.clusters - block * perBlock)
  for (let at = 0; at < used; at++) bytes.writeUInt16BE(countOf(block * perBlock + at), at * 2)
  return bytes
}

/** The table of refcount blocks. */
export function refcountTable(layout: Qcow2Layout): Buffer {
  const bytes = Buffer.alloc(layout.refcountTableClusters * clusterBytes)
  for (let block = 0; block < layout.refcountBlocks; block++) {
    bytes.writeBigUInt64BE(BigInt(layout.refcountOffset + block * clusterBytes), block * 8)
  }
  return bytes
}
