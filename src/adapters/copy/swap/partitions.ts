import { crc32 } from 'node:zlib'
import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'

export interface Partition extends Extent {
  /** As Linux counts them, from 1. */
  readonly number: number
  /** What it is meant for, as its type says. */
  readonly kind: 'swap' | 'lvm' | 'windows' | 'other'
}

const sector = 512
const mbrKinds: ReadonlyMap<number, Partition['kind']> = new Map([
  [0x07, 'windows'],
  [0x82, 'swap'],
  [0x8e, 'lvm'],
])
const extended = new Set([0x05, 0x0f, 0x85])
const protective = 0xee
/**
 * 0657FD6D-A4AB-43C4-84E5-0933C84B4F4F, E6D6D379-F507-44C2-A23C-238F2A3DF928 and EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, as a GPT has
 * their bytes.
 */
const gptKinds: ReadonlyMap<string, Partition['kind']> = new Map([
  ['6dfd5706aba4c44384e50933c84b4f4f', 'swap'],
  ['79d3d6e607f5c244a23c238f2a3df928', 'lvm'],
  ['a2a0d0ebe5b9334487c068b6b72699c7', 'windows'],
])
const mostLogical = 128
const mostEntryBytes = 2 ** 20

/**
 * The partitions of a disk with sectors of 512 bytes, by its GPT or its MBR.
 * @returns undefined where there is no table, and where it is damaged or absurd
 */
export async function readPartitions(
  read: GuestReader,
  capacityBytes: number,
): Promise<readonly Partition[] | undefined> {
  const [first = Buffer.alloc(0)] = await read([{ start: 0, end: 2 * sector }])
  if (first.readUInt16LE(510) !== 0xaa55) return undefined
  const primary = mbrEntries(first)
  const found = primary.some(({ type }) => type === protective)
    ? await gptPartitions(first.subarray(sector), read)
    : await mbrPartitions(primary, read)
  return found?.every((one) => isSound(one, found, capacityBytes)) ? found : undefined
}

function isSound(one: Partition, all: readonly Partition[], capacityBytes: number): boolean {
  if (!(one.start >= sector && one.start < one.end && one.end <= capacityBytes)) return false
  return all.every((other) => other === one || other.end <= one.start || other.start >= one.end)
}

function mbrEntries(bytes: Buffer) {
  return [0, 1, 2, 3].map((index) => {
    const at = 446 + index * 16
    const [start, length] = [bytes.readUInt32LE(at + 8) * sector, bytes.readUInt32LE(at + 12) * sector]
    return { number: index + 1, type: bytes.readUInt8(at + 4), start, length }
  })
}

async function mbrPartitions(primary: ReturnType<typeof mbrEntries>, read: GuestReader) {
  const isUsed = ({ type, length }: { type: number; length: number }) => type !== 0 && length > 0
  const partitionOf = (number: number, type: number, start: number, length: number): Partition => {
    return { number, start, end: start + length, kind: mbrKinds.get(type) ?? 'other' }
  }
  const found = primary
    .filter((entry) => isUsed(entry) && !extended.has(entry.type))
    .map(({ number, type, start, length }) => partitionOf(number, type, start, length))
  const container = primary.find((entry) => isUsed(entry) && extended.has(entry.type))
  if (!container) return found
  let number = 5
  for (let at = container.start; ; number++) {
    const [bytes = Buffer.alloc(0)] = await read([{ start: at, end: at + sector }])
    if (bytes.readUInt16LE(510) !== 0xaa55 || number > 4 + mostLogical) return undefined
    const [own, next] = mbrEntries(bytes)
    if (own && isUsed(own)) found.push(partitionOf(number, own.type, at + own.start, own.length))
    if (!next || !isUsed(next)) return found
    if (container.start + next.start <= at) return undefined
    at = container.start + next.start
  }
}

async function gptPartitions(header: Buffer, read: GuestReader): Promise<Partition[] | undefined> {
  const headerBytes = header.readUInt32LE(12)
  if (header.toString('latin1', 0, 8) !== 'EFI PART' || headerBytes < 92 || headerBytes > sector) return undefined
  const summed = Buffer.from(header.subarray(0, headerBytes))
  summed.writeUInt32LE(0, 16)
  if (crc32(summed) !== header.readUInt32LE(16)) return undefined
  const [count, size] = [header.readUInt32LE(80), header.readUInt32LE(84)]
  const start = Number(header.readBigUInt64LE(72)) * sector
  if (size < 128 || count * size > mostEntryBytes || !Number.isSafeInteger(start)) return undefined
  const [entries = Buffer.alloc(0)] = await read([{ start, end: start + count * size }])
  if (crc32(entries) !== header.readUInt32LE(88)) return undefined
  return Array.from({ length: count }, (_, index) => entries.subarray(index * size, (index + 1) * size)).flatMap(
    (entry, index) => {
      const type = entry.subarray(0, 16)
      if (type.every((byte) => byte === 0)) return []
      const [from, last] = [Number(entry.readBigUInt64LE(32)), Number(entry.readBigUInt64LE(40))]
      return [
        {
          number: index + 1,
          start: from * sector,
          end: (last + 1) * sector,
          kind: gptKinds.get(type.toString('hex')) ?? 'other',
        },
      ]
    },
  )
}
