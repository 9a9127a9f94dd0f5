import { crc32 } from 'node:zlib'
import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { type LvmSection, parseLvmText } from './lvm-text.ts'
import { hasOtherContent, otherContentBytes } from './other-content.ts'

/** A physical volume, with what it says of its volume group. */
export interface PhysicalVolume {
  /** 32 characters. */
  readonly id: string
  /** The volume group is its only section. */
  readonly text: LvmSection
}

const sector = 512
const labelSectors = 4
const headBytes = otherContentBytes
const mdaHeaderBytes = 512
const mostTextBytes = 2 ** 20
const mostAreas = 8

/**
 * Reads the label and the metadata of an LVM2 physical volume, as lib/format_text/layout.h of LVM2 has them.
 * @returns undefined where there is none, where something else wrote over its beginning, and where a checksum is wrong
 */
export async function readPhysicalVolume(
  read: GuestReader,
  { start, end }: Extent,
): Promise<PhysicalVolume | undefined> {
  const [head = Buffer.alloc(headBytes)] = await read([{ start, end: start + headBytes }])
  const sectors = Array.from({ length: labelSectors }, (_, index) =>
    head.subarray(index * sector, (index + 1) * sector),
  )
  const [label, ...others] = sectors.toSorted((a, b) => Number(isLabel(b)) - Number(isLabel(a)))
  // pvcreate empties the others; a file system that came later did not.
  if (!label || !isLabel(label) || others.some((bytes) => bytes.some((byte) => byte !== 0))) return undefined
  if (hasOtherContent(head)) return undefined
  if (lvmCrc(label.subarray(20)) !== label.readUInt32LE(16)) return undefined
  const header = label.readUInt32LE(20)
  if (header < 32 || header + 40 > sector) return undefined
  const id = label.toString('latin1', header, header + 32)
  for (const area of metadataAreas(label, header + 40)) {
    if (start + area.start + area.size > end || area.size < mdaHeaderBytes) continue
    const text = await committedText(read, start + area.start, area.size)
    const parsed = text === undefined ? undefined : parseLvmText(text)
    if (parsed) return { id, text: parsed }
  }
  return undefined
}

function isLabel(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 8) === 'LABELONE' && bytes.toString('latin1', 24, 32) === 'LVM2 001'
}

/** Two lists behind each other, each ended by an empty entry: where the data is, and where the metadata. */
function metadataAreas(label: Buffer, from: number) {
  const areas: { readonly start: number; readonly size: number }[] = []
  let lists = 0
  for (let at = from; at + 16 <= label.length && lists < 2 && areas.length < mostAreas; at += 16) {
    const [start, size] = [Number(label.readBigUInt64LE(at)), Number(label.readBigUInt64LE(at + 8))]
    if (start === 0) lists += 1
    else if (lists === 1) areas.push({ start, size })
  }
  return areas
}

async function committedText(read: GuestReader, start: number, size: number): Promise<string | undefined> {
  const [header = Buffer.alloc(mdaHeaderBytes)] = await read([{ start, end: start + mdaHeaderBytes }])
  if (header.toString('latin1', 4, 20) !== ' LVM2 x[5A%r0N*>') return undefined
  if (lvmCrc(header.subarray(4)) !== header.readUInt32LE(0)) return undefined
  const [offset, length] = [Number(header.readBigUInt64LE(40)), Number(header.readBigUInt64LE(48))]
  const [sum, flags] = [header.readUInt32LE(56), header.readUInt32LE(60)]
  const ignored = (flags & 1) !== 0
  if (ignored || offset < mdaHeaderBytes || offset >= size || length === 0 || length > mostTextBytes) return undefined
  // The text is in a ring behind the header.
  const first = Math.min(length, size - offset)
  const parts = [
    { start: start + offset, end: start + offset + first },
    { start: start + mdaHeaderBytes, end: start + mdaHeaderBytes + length - first },
  ]
  const text = Buffer.concat(await read(parts))
  return lvmCrc(text) === sum ? text.toString('utf8').replace(/\0+$/, '') : undefined
}

// CRC-32 with a beginning of LVM's own, and not inverted at its end.
function lvmCrc(bytes: Buffer): number {
  return ~crc32(bytes, ~0xf597a6cf >>> 0) >>> 0
}
