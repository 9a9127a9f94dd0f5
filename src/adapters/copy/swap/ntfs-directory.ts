import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { bytesOf, stretch } from './extents.ts'
import { isPower } from './ntfs-boot.ts'
import { readPlaces } from './ntfs-mft.ts'
import { attributeOf, attributes, extentsOf, withoutFixups } from './ntfs-record.ts'
import { type NtfsVolume, rootNumber } from './ntfs-volume.ts'

/** What a directory says of one of its files. */
export interface NtfsEntry {
  readonly name: string
  /** Of its record in the MFT. */
  readonly number: number
  readonly sequence: number
}

const indexName = '$I30'
const [hasChild, isLast] = [1, 2]
const mostBlocks = 256
const blockHeader = 24

/** A name in an index or a record: who it is in, and what it is (`FILE_NAME_ATTR` in layout.h of ntfs-3g). */
export function readFileName(content: Buffer): { readonly parent: number; readonly name: string } | undefined {
  const end = content.length >= 66 ? 66 + content.readUInt8(64) * 2 : Number.POSITIVE_INFINITY
  if (end > content.length) return undefined
  return { parent: content.readUIntLE(0, 6), name: content.toString('utf16le', 66, end) }
}

/**
 * Reads the root directory: a tree of blocks, whose first one is in its record.
 * @returns undefined where any of it is damaged, or there is more of it than any root directory has; else with where it lies
 */
export async function readRootDirectory(
  read: GuestReader,
  volume: NtfsVolume,
): Promise<{ readonly entries: readonly NtfsEntry[]; readonly extents: readonly Extent[] } | undefined> {
  const top = attributeOf(volume.root, attributes.indexRoot, indexName)?.content
  const blockBytes = top && top.length >= 32 ? top.readUInt32LE(8) : 0
  if (!top || top.readUInt32LE(0) !== attributes.fileName || !isPower(blockBytes, 512, 65_536)) return undefined
  const first = readNode(top.subarray(16))
  const allocation = attributeOf(volume.root, attributes.indexAllocation, indexName)
  const extents = allocation ? extentsOf(allocation, volume)?.extents : []
  if (!first || !extents) return undefined
  const entries = [...first.entries]
  const unit = blockBytes < volume.clusterBytes ? 512 : volume.clusterBytes
  const seen = new Set<number>()
  for (let level = first.children; level.length > 0; ) {
    for (const child of level) seen.add(child)
    const places = level.map((child) => stretch(extents, child * unit, child * unit + blockBytes))
    if (seen.size > mostBlocks || places.some((place) => bytesOf(place) !== blockBytes)) return undefined
    const nodes = (await readPlaces(read, places)).map((bytes, index) => {
      const block = withoutFixups(bytes, 'INDX')
      return block && Number(block.readBigUInt64LE(16)) === level[index]
        ? readNode(block.subarray(blockHeader))
        : undefined
    })
    const next: number[] = []
    for (const node of nodes) {
      if (!node) return undefined
      entries.push(...node.entries)
      next.push(...node.children)
    }
    if (new Set(next).size !== next.length || next.some((child) => seen.has(child))) return undefined
    level = next
  }
  return { entries, extents }
}

/** @param bytes from the header of its entries on, to its end */
function readNode(bytes: Buffer) {
  const entries: NtfsEntry[] = []
  const children: number[] = []
  const end = Math.min(bytes.readUInt32LE(4), bytes.length)
  for (let at = bytes.readUInt32LE(0); at + 16 <= end; ) {
    const [length, keyLength, flags] = [
      bytes.readUInt16LE(at + 8),
      bytes.readUInt16LE(at + 10),
      bytes.readUInt16LE(at + 12),
    ]
    const child = (flags & hasChild) !== 0
    if (length < (child ? 24 : 16) || length % 8 !== 0 || at + length > end) return undefined
    if (child) children.push(Number(bytes.readBigUInt64LE(at + length - 8)))
    if ((flags & isLast) !== 0) return { entries, children }
    const name = readFileName(bytes.subarray(at + 16, at + Math.min(length, 16 + keyLength)))
    if (name?.parent !== rootNumber) return undefined
    entries.push({ name: name.name, number: bytes.readUIntLE(at, 6), sequence: bytes.readUInt16LE(at + 6) })
    at += length
  }
  return undefined
}
