import { corrupt, type GrainBatch, type GrainSource, type SourceFile } from './source.ts'

/** An open qcow2 file. Of its backing file nothing is known here. */
export interface OpenQcow2 extends Omit<SourceFile, 'compressed'> {
  /** Reads exactly so much, within the image. */
  read(offset: number, length: number, what: string): Promise<Buffer>
}

interface Header {
  readonly clusterBytes: number
  readonly capacityBytes: number
  readonly l1Offset: number
  readonly l1Entries: number
}

/** In the first byte of an entry. */
const compressedBit = 0x40
const readsZero = 1n
/** Incompatible features. */
const dirty = 1n << 0n
const otherCompression = 1n << 3n
const offsetBits = 0x00fffffffffffe00n

/**
 * The clusters of a qcow2 file, whose format is that of qemu's docs/interop/qcow2.txt, over those of its backing image.
 * @param over what is read where the file has nothing; without it those are holes
 * @returns undefined for a file with features that this reader has not: other cluster sizes than the backing image's
 *   grains, compressed clusters, encryption, subclusters
 */
export async function qcow2Grains(image: OpenQcow2, over?: GrainSource): Promise<GrainSource | undefined> {
  const header = await readHeader(image)
  if (!header) return undefined
  const { clusterBytes, capacityBytes } = header
  if (over && (over.grainBytes !== clusterBytes || over.capacityBytes !== capacityBytes)) return undefined
  if (await hasCompressed(image, header)) return undefined
  const { name, fd, offsetBytes, lengthBytes } = image
  return {
    name,
    capacityBytes,
    grainBytes: clusterBytes,
    files: [...(over?.files ?? []), { name, fd, offsetBytes, lengthBytes, compressed: false }],
    batches: () => batches(image, header, over),
  }
}

async function readHeader({ read }: OpenQcow2): Promise<Header | undefined> {
  const bytes = await read(0, 104, 'header')
  const [version, clusterBits] = [bytes.readUInt32BE(4), bytes.readUInt32BE(20)]
  const encrypted = bytes.readUInt32BE(32) !== 0
  // Nobody reads here the refcounts that may be wrong in a dirty one, nor clusters that another method than zlib compressed;
  // all else changes how clusters are read.
  const features = version >= 3 ? bytes.readBigUInt64BE(72) & ~(dirty | otherCompression) : 0n
  if (encrypted || features !== 0n || clusterBits < 9 || clusterBits > 21) return undefined
  return {
    clusterBytes: 2 ** clusterBits,
    capacityBytes: Number(bytes.readBigUInt64BE(24)),
    l1Offset: Number(bytes.readBigUInt64BE(40)),
    l1Entries: bytes.readUInt32BE(36),
  }
}

async function hasCompressed(image: OpenQcow2, header: Header): Promise<boolean> {
  const table = tableReader(image, header)
  // Behind those of the disk there are the states of a running machine.
  const count = Math.min(header.l1Entries, Math.ceil(header.capacityBytes / (header.clusterBytes ** 2 / 8)))
  for (let index = 0; index < count; index++) {
    const entries = await table(index)
    for (let at = 0; at < (entries?.length ?? 0); at += 8) {
      if (((entries?.readUInt8(at) ?? 0) & compressedBit) !== 0) return true
    }
  }
  return false
}

async function* batches(image: OpenQcow2, header: Header, over?: GrainSource): AsyncGenerator<GrainBatch> {
  const table = tableReader(image, header)
  const number = (over?.files.length ?? 0) + 1
  const perTable = header.clusterBytes / 8
  for await (const batch of over?.batches() ?? holes(header)) {
    const end = batch.first + batch.files.length
    for (let start = batch.first; start < end; ) {
      const next = Math.min(end, (Math.floor(start / perTable) + 1) * perTable)
      const entries = await table(Math.floor(start / perTable))
      if (entries)
        take(image, entries.subarray((start % perTable) * 8), batch, start - batch.first, next - start, number)
      start = next
    }
    yield batch
  }
}

async function* holes({ capacityBytes, clusterBytes }: Header): AsyncGenerator<GrainBatch> {
  const clusters = Math.ceil(capacityBytes / clusterBytes)
  const perBatch = 2 ** 14
  for (let first = 0; first < clusters; first += perBatch) {
    const length = Math.min(perBatch, clusters - first)
    yield { first, files: new Uint8Array(length), offsets: new Float64Array(length) }
  }
}

function tableReader({ read }: OpenQcow2, { l1Offset, l1Entries, clusterBytes }: Header) {
  let last: { readonly index: number; readonly entries: Buffer | undefined } | undefined
  return async (index: number): Promise<Buffer | undefined> => {
    if (last?.index === index) return last.entries
    const entry = index < l1Entries ? await read(l1Offset + index * 8, 8, 'L1 table') : Buffer.alloc(8)
    const offset = Number(entry.readBigUInt64BE(0) & offsetBits)
    last = { index, entries: offset === 0 ? undefined : await read(offset, clusterBytes, 'L2 table') }
    return last.entries
  }
}

function take(
  { name, lengthBytes }: OpenQcow2,
  entries: Buffer,
  { files, offsets }: GrainBatch,
  into: number,
  count: number,
  number: number,
): void {
  for (let at = 0; at < count; at++) {
    const entry = entries.readBigUInt64BE(at * 8)
    const offset = Number(entry & offsetBits)
    // Discarded or zeroed there, whatever the backing image holds.
    if ((entry & readsZero) !== 0n) files[into + at] = 0
    else if (offset !== 0) {
      if (offset >= lengthBytes) throw corrupt(name, `ends at byte ${lengthBytes}; a cluster is at byte ${offset}`)
      files[into + at] = number
      offsets[into + at] = offset
    }
  }
}
