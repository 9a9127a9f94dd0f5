import type { ImageBytes } from './bytes.ts'
import { crc32c } from './crc32c.ts'
import { fault } from './faults.ts'
import { u64le } from './numbers.ts'

const kib = 1024
const batRegion = '2dc27766-f623-4200-9d64-115e9bfd4a08'
const metadataRegion = '8b7ca206-4790-4b9a-b8fe-575f050f886e'

export interface Region {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/**
 * Where a VHDX image keeps its block table and its metadata ([MS-VHDX] 2.2).
 * @throws ProblemError IMAGE_CORRUPT, IMAGE_UNSUPPORTED for a region that it needs and h2k does not know
 */
export async function readRegions(image: ImageBytes): Promise<{ readonly bat: Region; readonly metadata: Region }> {
  const table = await image.read(192 * kib, 64 * kib, 'region table')
  const count = table.readUInt32LE(8)
  if (!isSound(table, 'regi') || count > 2047) throw fault(image, 'IMAGE_CORRUPT', 'has no sound region table')
  const regions = new Map<string, Region>()
  for (let at = 16; at < 16 + count * 32; at += 32) {
    const guid = guidAt(table, at)
    const known = guid === batRegion || guid === metadataRegion
    if (regions.has(guid)) throw fault(image, 'IMAGE_CORRUPT', `has the region ${guid} twice`)
    if (!known && table.readUInt32LE(at + 28) & 1) {
      throw fault(image, 'IMAGE_UNSUPPORTED', `needs the region ${guid}, which h2k does not know`)
    }
    regions.set(guid, { offsetBytes: u64le(table, at + 16), lengthBytes: table.readUInt32LE(at + 24) })
  }
  const [bat, metadata] = [regions.get(batRegion), regions.get(metadataRegion)]
  if (bat === undefined || metadata === undefined) {
    throw fault(image, 'IMAGE_CORRUPT', `has no ${bat === undefined ? 'block table' : 'metadata'}`)
  }
  return { bat, metadata }
}

/** The GUID at an offset, as Microsoft writes them, in lower case. */
export function guidAt(bytes: Buffer, at: number): string {
  const hex = (from: number, to: number) => bytes.toString('hex', at + from, at + to)
  const littleEndian = (from: number, to: number) => Buffer.from(hex(from, to), 'hex').reverse().toString('hex')
  return `${littleEndian(0, 4)}-${littleEndian(4, 6)}-${littleEndian(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`
}

/** Whether a block of the image begins with its signature and has the checksum that it says. */
export function isSound(block: Buffer, signature: string): boolean {
  return block.toString('latin1', 0, 4) === signature && crc32c(block, 4) === block.readUInt32LE(4)
}
