import type { ImageBytes } from './bytes.ts'
import { differencing, diskSize, fault } from './faults.ts'
import type { Found } from './found.ts'
import { u64le } from './numbers.ts'
import { pieces } from './tables.ts'
import { refuseOpenLog } from './vhdx-log.ts'
import { guidAt, type Region, readRegions } from './vhdx-regions.ts'

/** The metadata items that say how the disk is laid out, and how many bytes each has. */
const items: ReadonlyMap<string, { readonly name: 'parameters' | 'size' | 'sector'; readonly bytes: number }> = new Map(
  [
    ['caa16737-fa36-4d43-b3b6-33f0aa44e76b', { name: 'parameters', bytes: 8 }],
    ['2fa54224-cd1b-4876-b211-5dbed83bf4b8', { name: 'size', bytes: 8 }],
    ['8141bf1d-a96f-4709-ba47-f233a8faab5f', { name: 'sector', bytes: 4 }],
  ],
)
/** Required of every image too, but they say nothing of its layout: its identity and the sectors of its hardware. */
const passedOver = ['beca12ab-b2e6-4523-93ef-c309e000c746', 'cda348c7-445d-4471-9cc9-e9885251c556']
const parentLocator = 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c'

/** Hyper-V's image, as [MS-VHDX] has it. */
export async function readVhdx(image: ImageBytes): Promise<Found> {
  await refuseOpenLog(image)
  const { bat, metadata } = await readRegions(image)
  const { virtualBytes, blockBytes, keepsBlocks } = await readMetadata(image, metadata)
  const blocks = Math.ceil(virtualBytes / blockBytes)
  // After so many blocks, the table has one entry for a bitmap that only differencing images use.
  const chunkBlocks = 2 ** 32 / blockBytes
  const entries = blocks + Math.floor((blocks - 1) / chunkBlocks)
  if (entries * 8 > bat.lengthBytes) {
    throw fault(image, 'IMAGE_CORRUPT', `has a block table for less than its ${virtualBytes} bytes`)
  }

  let held = 0
  let entry = 0
  for await (const piece of pieces(image, bat.offsetBytes, entries * 8, 'block table')) {
    for (let at = 0; at < piece.length; at += 8, entry += 1) {
      const low = piece.readUInt32LE(at)
      const state = low & 7
      // Most entries of a large disk: not written, zeros, or unmapped.
      if (state < 4 || state === 5) continue
      if (entry % (chunkBlocks + 1) === chunkBlocks) continue
      const block = entry - Math.floor(entry / (chunkBlocks + 1))
      if (state !== 6) {
        throw fault(image, 'IMAGE_CORRUPT', `says of block ${block} that it is in state ${state}, which cannot be`)
      }
      const start = piece.readUInt32LE(at + 4) * 2 ** 32 + ((low & 0xfff00000) >>> 0)
      const bytes = Math.min(blockBytes, virtualBytes - block * blockBytes)
      if (start < 2 ** 20 || start + bytes > image.lengthBytes) {
        throw fault(
          image,
          'IMAGE_CORRUPT',
          `ends at byte ${image.lengthBytes}; block ${block} of its disk is at byte ${start}`,
        )
      }
      held += bytes
    }
  }
  return { variant: keepsBlocks ? 'fixed' : 'dynamic', virtualBytes, allocatedBytes: held }
}

async function readMetadata(image: ImageBytes, region: Region) {
  const table = await image.read(region.offsetBytes, 64 * 1024, 'metadata table')
  const count = table.readUInt16LE(10)
  if (table.toString('latin1', 0, 8) !== 'metadata' || count > 2047) {
    throw fault(image, 'IMAGE_CORRUPT', 'has no sound metadata table')
  }
  const found = new Map<string, Buffer>()
  for (let at = 32; at < 32 + count * 32; at += 32) {
    const guid = guidAt(table, at)
    if (guid === parentLocator) throw differencing(image)
    const item = items.get(guid)
    if (item !== undefined) {
      const offset = table.readUInt32LE(at + 16)
      if (found.has(item.name) || offset + item.bytes > region.lengthBytes) {
        throw fault(image, 'IMAGE_CORRUPT', `has its metadata item ${guid} twice, or outside its metadata`)
      }
      found.set(item.name, await image.read(region.offsetBytes + offset, item.bytes, 'metadata'))
    } else if (!passedOver.includes(guid) && table.readUInt32LE(at + 24) & 4) {
      throw fault(image, 'IMAGE_UNSUPPORTED', `needs the metadata item ${guid}, which h2k does not know`)
    }
  }
  const [parameters, size, sector] = [found.get('parameters'), found.get('size'), found.get('sector')]
  if (parameters === undefined || size === undefined || sector === undefined) {
    throw fault(image, 'IMAGE_CORRUPT', 'does not say how its disk is laid out')
  }
  const [blockBytes, flags, sectorBytes] = [
    parameters.readUInt32LE(0),
    parameters.readUInt32LE(4),
    sector.readUInt32LE(0),
  ]
  if (flags & 2) throw differencing(image)
  if (sectorBytes !== 512) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `has a disk with sectors of ${sectorBytes} bytes; h2k moves disks with 512`)
  }
  if (blockBytes < 2 ** 20 || blockBytes > 2 ** 28 || !Number.isInteger(Math.log2(blockBytes))) {
    throw fault(image, 'IMAGE_CORRUPT', `has blocks of ${blockBytes} bytes`)
  }
  return { virtualBytes: diskSize(image, u64le(size, 0)), blockBytes, keepsBlocks: (flags & 1) === 1 }
}
