/** Bytes of a cluster: qcow2's usual, and a grain of the usual VMDK. */
export const clusterBytes = 2 ** 16

/** Clusters that one L2 table maps. */
export const tableClusters = clusterBytes / 8

/** Bits of a table's entry: the cluster belongs to this entry alone; it reads as zeros. */
const copied = 1n << 63n
const readsZero = 1n

/** Where everything goes in a qcow2 file whose size is known before it is written; all offsets in bytes. */
export interface Qcow2Layout {
  readonly virtualBytes: number
  readonly dataOffset: number
  readonly l2Offset: number
  readonly l2Tables: number
  readonly l1Offset: number
  readonly l1Entries: number
  readonly refcountOffset: number
  readonly refcountBlocks: number
  readonly refcountTableOffset: number
  readonly refcountTableClusters: number
  readonly clusters: number
}

/** Header, data, L2 tables, L1 table, refcount blocks, refcount table: in this order, without gaps. */
export function qcow2Layout(virtualBytes: number, dataClusters: number, l2Tables: number): Qcow2Layout {
  const l1Entries = Math.max(1, Math.ceil(virtualBytes / (clusterBytes * tableClusters)))
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes)
  const before = 1 + dataClusters + l2Tables + l1Clusters
  // The refcounts count their own clusters too.
  let [blocks, tables, clusters] = [0, 0, before]
  for (;;) {
    blocks = Math.ceil(clusters / (clusterBytes / 2))
    tables = Math.ceil((blocks * 8) / clusterBytes)
    if (before + blocks + tables === clusters) break
    clusters = before + blocks + tables
  }
  const l2Offset = (1 + dataClusters) * clusterBytes
  const l1Offset = l2Offset + l2Tables * clusterBytes
  const refcountOffset = l1Offset + l1Clusters * clusterBytes
  return {
    virtualBytes,
    dataOffset: clusterBytes,
    l2Offset,
    l2Tables,
    l1Offset,
    l1Entries,
    refcountOffset,
    refcountBlocks: blocks,
    refcountTableOffset: refcountOffset + blocks * clusterBytes,
    refcountTableClusters: tables,
    clusters,
  }
}

/** The header cluster, version 3, as qemu's docs/interop/qcow2.txt has it. */
export function qcow2Header(layout: Qcow2Layout): Buffer {
  const header = Buffer.alloc(clusterBytes)
  header.write('QFI\xfb', 0, 'latin1')
  header.writeUInt32BE(3, 4)
  header.writeUInt32BE(Math.log2(clusterBytes), 20)
  header.writeBigUInt64BE(BigInt(layout.virtualBytes), 24)
  header.writeUInt32BE(layout.l1Entries, 36)
  header.writeBigUInt64BE(BigInt(layout.l1Offset), 40)
  header.writeBigUInt64BE(BigInt(layout.refcountTableOffset), 48)
  header.writeUInt32BE(layout.refcountTableClusters, 56)
  // Refcounts of 2^4 bits; the header's own length.
  header.writeUInt32BE(4, 96)
  header.writeUInt32BE(104, 100)
  return header
}

/** An entry of an L2 table. */
export function l2Entry(clusterOffset: number, zero: boolean): bigint {
  return copied | BigInt(clusterOffset) | (zero ? readsZero : 0n)
}

/** The L1 table: for each of its entries the number of its L2 table, counted from 0, or undefined for none. */
export function l1Table(layout: Qcow2Layout, tableOf: (entry: number) => number | undefined): Buffer {
  const bytes = Buffer.alloc(layout.refcountOffset - layout.l1Offset)
  for (let entry = 0; entry < layout.l1Entries; entry++) {
    const table = tableOf(entry)
    if (table === undefined) continue
    bytes.writeBigUInt64BE(copied | BigInt(layout.l2Offset + table * clusterBytes), entry * 8)
  }
  return bytes
}

/** One of the refcount blocks: every cluster of the file is used once. */
export function refcountBlock(layout: Qcow2Layout, block: number): Buffer {
  const bytes = Buffer.alloc(clusterBytes)
  const perBlock = clusterBytes / 2
  const used = Math.min(perBlock, layout.clusters - block * perBlock)
  for (let at = 0; at < used; at++) bytes.writeUInt16BE(1, at * 2)
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
