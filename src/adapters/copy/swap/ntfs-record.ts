import type { Extent } from '../without.ts'
import { overlap } from './extents.ts'
import type { NtfsGeometry } from './ntfs-boot.ts'
import { decodeRuns } from './ntfs-runs.ts'

/** Types of attributes. */
export const attributes = {
  list: 0x20,
  fileName: 0x30,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  reparsePoint: 0xc0,
} as const

export interface NtfsAttribute {
  readonly type: number
  /** Empty for most. */
  readonly name: string
  /** Compressed, encrypted or sparse; 0 for none of them. */
  readonly flags: number
  /** Of an attribute that is resident. */
  readonly content?: Buffer
  /** Of one that is not. */
  readonly outside?: {
    readonly allocatedBytes: number
    readonly dataBytes: number
    readonly initializedBytes: number
    /** From which of its clusters to which, and where these are. */
    readonly parts: readonly { readonly first: number; readonly last: number; readonly runs: Buffer }[]
  }
}

/** A record of the MFT that is in use. */
export interface NtfsRecord {
  readonly sequence: number
  readonly links: number
  readonly isDirectory: boolean
  readonly attributes: readonly NtfsAttribute[]
  /** The bytes of its attributes. */
  readonly body: Buffer
}

const stride = 512
const [inUse, directory] = [1, 2]
const endMark = 0xffffffff

/**
 * Puts the ends of sectors back that NTFS replaced by a number when it wrote several of them ("update sequence array").
 * @returns a copy; undefined for another signature, and for what was not written as a whole
 */
export function withoutFixups(bytes: Buffer, signature: string): Buffer | undefined {
  if (bytes.length < stride || bytes.toString('latin1', 0, 4) !== signature) return undefined
  const [at, count] = [bytes.readUInt16LE(4), bytes.readUInt16LE(6)]
  if (count !== bytes.length / stride + 1 || at < 24 || at % 2 !== 0 || at + count * 2 > stride - 2) return undefined
  const whole = Buffer.from(bytes)
  for (let index = 1; index < count; index++) {
    const end = index * stride - 2
    if (bytes.readUInt16LE(end) !== bytes.readUInt16LE(at)) return undefined
    bytes.copy(whole, end, at + index * 2, at + index * 2 + 2)
  }
  return whole
}

/**
 * Reads a record of the MFT (`MFT_RECORD` and `ATTR_RECORD` in layout.h of ntfs-3g).
 * @param base the record that it has attributes for; 0 where it is one by itself
 * @returns undefined for one that is damaged, not in use, or is another one
 */
export function readRecord(bytes: Buffer, number: number, base = 0n): NtfsRecord | undefined {
  const record = withoutFixups(bytes, 'FILE')
  if (!record) return undefined
  const [from, flags, used] = [record.readUInt16LE(20), record.readUInt16LE(22), record.readUInt32LE(24)]
  // Older ones do not say their number.
  const saysNumber = record.readUInt16LE(4) >= 48
  if ((flags & inUse) === 0 || record.readBigUInt64LE(32) !== base) return undefined
  if (saysNumber && record.readUInt32LE(44) !== number % 2 ** 32) return undefined
  if (from % 8 !== 0 || from < 42 || used > record.length) return undefined
  const body = record.subarray(from, used)
  const found = attributesIn(body)
  if (!found) return undefined
  const [sequence, links] = [record.readUInt16LE(16), record.readUInt16LE(18)]
  return { sequence, links, isDirectory: (flags & directory) !== 0, attributes: found, body }
}

function attributesIn(body: Buffer): readonly NtfsAttribute[] | undefined {
  const found: NtfsAttribute[] = []
  for (let at = 0; at + 4 <= body.length; ) {
    const type = body.readUInt32LE(at)
    if (type === endMark) return found
    const length = at + 24 <= body.length ? body.readUInt32LE(at + 4) : 0
    if (length < 24 || length % 8 !== 0 || at + length > body.length) return undefined
    const attribute = attributeIn(body.subarray(at, at + length), type)
    // They are in the order of their types.
    if (!attribute || type < (found.at(-1)?.type ?? 0)) return undefined
    found.push(attribute)
    at += length
  }
  return undefined
}

function attributeIn(bytes: Buffer, type: number): NtfsAttribute | undefined {
  const [nameLength, nameAt, flags] = [bytes.readUInt8(9), bytes.readUInt16LE(10), bytes.readUInt16LE(12)]
  if (nameLength > 0 && nameAt + nameLength * 2 > bytes.length) return undefined
  const name = bytes.toString('utf16le', nameAt, nameAt + nameLength * 2)
  if (bytes.readUInt8(8) === 0) {
    const [length, at] = [bytes.readUInt32LE(16), bytes.readUInt16LE(20)]
    return at + length <= bytes.length ? { type, name, flags, content: bytes.subarray(at, at + length) } : undefined
  }
  const runsAt = bytes.length >= 64 ? bytes.readUInt16LE(32) : 0
  if (runsAt < 64 || runsAt >= bytes.length) return undefined
  const number = (at: number) => Number(bytes.readBigUInt64LE(at))
  const outside = {
    ...{ allocatedBytes: number(40), dataBytes: number(48), initializedBytes: number(56) },
    parts: [{ first: number(16), last: number(24), runs: bytes.subarray(runsAt) }],
  }
  return { type, name, flags, outside }
}

/** The only attribute of this type and name; undefined where there are none or several. */
export function attributeOf(record: NtfsRecord, type: number, name = ''): NtfsAttribute | undefined {
  const [found, ...others] = record.attributes.filter((one) => one.type === type && one.name === name)
  return others.length === 0 ? found : undefined
}

/**
 * Where the content of an attribute lies on the disk, from its first cluster on.
 * @returns undefined for what is resident, compressed, encrypted, sparse or damaged; less than all where other records have the rest
 */
export function extentsOf(
  { flags, outside }: NtfsAttribute,
  geometry: NtfsGeometry,
): { readonly extents: readonly Extent[]; readonly whole: boolean } | undefined {
  if (!outside || flags !== 0) return undefined
  const { allocatedBytes, dataBytes, initializedBytes, parts } = outside
  const found: Extent[] = []
  let next = 0
  for (const { first, last, runs } of parts) {
    const extents = first === next ? decodeRuns(runs, geometry, last + 1 - first) : undefined
    if (!extents) return undefined
    found.push(...extents)
    next = last + 1
  }
  const bytes = next * geometry.clusterBytes
  if (initializedBytes > dataBytes || dataBytes > allocatedBytes || bytes > allocatedBytes || overlap(found)) {
    return undefined
  }
  return { extents: found, whole: bytes === allocatedBytes }
}
