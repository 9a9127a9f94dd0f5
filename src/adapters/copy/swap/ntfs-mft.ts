import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { bytesOf, stretch } from './extents.ts'
import type { NtfsGeometry } from './ntfs-boot.ts'
import { attributeOf, attributes, extentsOf, type NtfsAttribute, type NtfsRecord, readRecord } from './ntfs-record.ts'

/** An NTFS whose records can be read. */
export interface NtfsMft extends NtfsGeometry {
  /** Where $MFT lies, its beginning at least. */
  readonly mftExtents: readonly Extent[]
}

const mostListBytes = 2 ** 18
const mostExtensions = 256
const entryBytes = 26

/** Reads what lies in several extents each. */
export async function readPlaces(
  read: GuestReader,
  places: readonly (readonly Extent[])[],
): Promise<readonly Buffer[]> {
  const parts = await read(places.flat())
  let at = 0
  return places.map((extents) => {
    at += extents.length
    return Buffer.concat(parts.slice(at - extents.length, at))
  })
}

/**
 * Reads records by their numbers, each with the attributes that other records have for it, of which its $ATTRIBUTE_LIST tells
 * (`ATTR_LIST_ENTRY` in layout.h of ntfs-3g).
 * @returns undefined for one that is not there, not in use or damaged
 */
export async function readRecords(
  read: GuestReader,
  mft: NtfsMft,
  numbers: readonly number[],
): Promise<readonly (NtfsRecord | undefined)[]> {
  const found: (NtfsRecord | undefined)[] = []
  for (const [index, bytes] of (await readBytes(read, mft, numbers)).entries()) {
    const number = numbers[index] ?? 0
    const record = readRecord(bytes, number)
    found.push(record && (await withExtensions(read, mft, number, record)))
  }
  return found
}

function readBytes(read: GuestReader, { mftExtents, recordBytes }: NtfsMft, numbers: readonly number[]) {
  const places = numbers.map((number) => stretch(mftExtents, number * recordBytes, (number + 1) * recordBytes))
  return readPlaces(
    read,
    places.map((place) => (bytesOf(place) === recordBytes ? place : [])),
  )
}

async function withExtensions(
  read: GuestReader,
  mft: NtfsMft,
  number: number,
  record: NtfsRecord,
): Promise<NtfsRecord | undefined> {
  if (!record.attributes.some(({ type }) => type === attributes.list)) return record
  const list = attributeOf(record, attributes.list)
  const content = list?.content ?? (list && (await contentOf(read, mft, list)))
  const entries = content && listIn(content)
  if (!entries) return undefined
  const own = BigInt(number) + (BigInt(record.sequence) << 48n)
  const others = [...new Set(entries.map((entry) => entry.record))].filter((other) => other !== own)
  if (others.length > mostExtensions) return undefined
  const numbers = others.map((other) => Number(other & 0xffffffffffffn))
  const found = (await readBytes(read, mft, numbers)).map((bytes, index) => readRecord(bytes, numbers[index] ?? 0, own))
  const parts = [record, ...found].flatMap((part, index) => {
    const of = others[index - 1] ?? own
    const isIt = part !== undefined && part.sequence === Number(of >> 48n)
    return isIt ? part.attributes.map((attribute) => ({ attribute, key: keyOf({ ...attribute, record: of }) })) : []
  })
  const listed = parts.filter(({ attribute }) => attribute.type !== attributes.list)
  if (
    listed
      .map(({ key }) => key)
      .toSorted()
      .join() !== entries.map(keyOf).toSorted().join()
  )
    return undefined
  return { ...record, attributes: joined(listed.map(({ attribute }) => attribute)) }
}

async function contentOf(read: GuestReader, mft: NtfsMft, list: NtfsAttribute): Promise<Buffer | undefined> {
  const bytes = list.outside?.dataBytes ?? 0
  const found = extentsOf(list, mft)
  if (!found?.whole || bytes > mostListBytes) return undefined
  const [content] = await readPlaces(read, [stretch(found.extents, 0, bytes)])
  return content
}

interface Listed {
  readonly type: number
  readonly name: string
  /** The first cluster of this part of it. */
  readonly first: number
  /** Which record has it: number and sequence. */
  readonly record: bigint
}

function listIn(content: Buffer): readonly Listed[] | undefined {
  const found: Listed[] = []
  for (let at = 0; at < content.length; ) {
    const length = at + entryBytes <= content.length ? content.readUInt16LE(at + 4) : 0
    const nameAt = at + (content[at + 7] ?? 0)
    const nameEnd = nameAt + (content[at + 6] ?? 0) * 2
    if (length < entryBytes || length % 8 !== 0 || at + length > content.length) return undefined
    if (nameEnd > at + length) return undefined
    found.push({
      type: content.readUInt32LE(at),
      name: content.toString('utf16le', nameAt, nameEnd),
      first: Number(content.readBigUInt64LE(at + 8)),
      record: content.readBigUInt64LE(at + 16),
    })
    at += length
  }
  return found
}

function keyOf({ type, name, record, ...rest }: Omit<Listed, 'first'> & Partial<Listed & NtfsAttribute>): string {
  const first = rest.first ?? rest.outside?.parts[0]?.first ?? 0
  return JSON.stringify([type, name, first, String(record)])
}

/** Those parts as one that are of one attribute, in their order. */
function joined(parts: readonly NtfsAttribute[]): readonly NtfsAttribute[] {
  const found: NtfsAttribute[] = []
  const sorted = parts.toSorted((a, b) => {
    return a.type - b.type || (a.outside?.parts[0]?.first ?? 0) - (b.outside?.parts[0]?.first ?? 0)
  })
  for (const part of sorted) {
    const at = found.findIndex(({ type, name, outside }) => outside && type === part.type && name === part.name)
    const before = found[at]
    if (!before?.outside || !part.outside) {
      found.push(part)
      continue
    }
    const outside = { ...before.outside, parts: [...before.outside.parts, ...part.outside.parts] }
    found[at] = { ...before, flags: before.flags | part.flags, outside }
  }
  return found
}
