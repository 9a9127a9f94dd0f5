import { deflateSync } from 'node:zlib'
import { descriptor, marker, sparseHeader } from '../image-header/esxi-vmdk.ts'
import { sector } from '../image-header/images.ts'

/** What writers of VMware's sparse extents differ in; see its "Virtual Disk Format 5.0". */
export interface SparseKind {
  readonly grainSectors: number
  readonly compressed: boolean
  /** The directory is behind all else, where only a footer says it; else it is before the grains. */
  readonly footer: boolean
  /** Zeros are told by an entry of 1, not as a hole. */
  readonly zeroGrains: boolean
  /** In which order the grains with data lie in the file: each number says which of those left is next. */
  readonly shuffle: readonly number[]
}

const tableEntries = 512
const [newlines, zeroed, deflated, marked] = [1, 4, 0x10000, 0x20000]

/** A disk as a sparse extent of this kind. */
export function sparseVmdk(disk: Buffer, kind: SparseKind): Buffer {
  const { grainSectors, compressed, footer, zeroGrains, shuffle } = kind
  const grainBytes = grainSectors * sector
  const capacity = disk.length / sector
  const grains = Math.ceil(disk.length / grainBytes)
  const tables = Math.ceil(grains / tableEntries)
  const tableSectors = (tableEntries * 4) / sector
  const directorySectors = Math.ceil((tables * 4) / sector)
  const file: Buffer[] = []
  let sectors = 0
  const add = (bytes: Buffer): number => {
    const at = sectors
    const padded = Buffer.alloc(Math.ceil(bytes.length / sector) * sector)
    bytes.copy(padded)
    file.push(padded)
    sectors += padded.length / sector
    return at
  }

  const early = 1 + 20
  const places = Array.from({ length: tables }, (_, index) => early + directorySectors + index * tableSectors)
  const room = footer ? early : early + directorySectors + tables * tableSectors
  const begin = Math.ceil(room / grainSectors) * grainSectors
  const entries = new Uint32Array(tables * tableEntries)

  const order: number[] = []
  const left = Array.from({ length: grains }, (_, index) => index)
  for (let count = 0; left.length > 0; count++) {
    const [next = 0] = left.splice((shuffle[count % Math.max(1, shuffle.length)] ?? 0) % left.length, 1)
    order.push(next)
  }
  sectors = begin
  for (const grain of order) {
    const bytes = Buffer.alloc(grainBytes)
    disk.copy(bytes, 0, grain * grainBytes, (grain + 1) * grainBytes)
    if (bytes.every((byte) => byte === 0)) {
      if (zeroGrains) entries[grain] = 1
      continue
    }
    if (!compressed) {
      entries[grain] = add(bytes)
      continue
    }
    const data = deflateSync(bytes)
    const head = Buffer.alloc(12)
    head.writeBigUInt64LE(BigInt(grain * grainSectors))
    head.writeUInt32LE(data.length, 8)
    entries[grain] = add(Buffer.concat([head, data]))
  }
  const table = (index: number) => {
    const bytes = Buffer.alloc(tableEntries * 4)
    for (let at = 0; at < tableEntries; at++) bytes.writeUInt32LE(entries[index * tableEntries + at] ?? 0, at * 4)
    return bytes
  }
  const directory = Buffer.alloc(directorySectors * sector)
  const flags = newlines | (zeroGrains ? zeroed : 0) | (compressed ? deflated | marked : 0)
  const version = compressed ? 3 : zeroGrains ? 2 : 1
  const header = (directoryAt: bigint) =>
    sparseHeader(capacity, directoryAt, grainSectors, { version, flags, grainsAt: begin, compressed })
  const text = Buffer.alloc(20 * sector)
  const type = compressed ? 'streamOptimized' : 'monolithicSparse'
  text.write(descriptor(type, [`RW ${capacity} SPARSE "any.vmdk"`]))
  const before = Buffer.alloc(begin * sector)
  text.copy(before, sector)

  if (!footer) {
    for (const [index, place] of places.entries()) {
      directory.writeUInt32LE(place, index * 4)
      table(index).copy(before, place * sector)
    }
    directory.copy(before, early * sector)
    header(BigInt(early)).copy(before)
    return Buffer.concat([before, ...file])
  }
  for (let index = 0; index < tables; index++) {
    add(marker(tableSectors, 1))
    directory.writeUInt32LE(add(table(index)), index * 4)
  }
  add(marker(directorySectors, 2))
  const directoryAt = add(directory)
  add(marker(1, 3))
  add(header(BigInt(directoryAt)))
  add(Buffer.alloc(sector))
  header(0xffffffffffffffffn).copy(before)
  return Buffer.concat([before, ...file])
}
