import type { ImageBytes } from './bytes.ts'
import { differencing, diskSize, fault } from './faults.ts'
import type { Found } from './found.ts'
import { u64be } from './numbers.ts'
import { pieces } from './tables.ts'

const footerBytes = 512
const cookie = 'conectix'
/** Both ends of a growing VHD must agree on these: data offset, creator, size, geometry and type. */
const agreeing: readonly (readonly [number, number])[] = [
  [16, 24],
  [28, 32],
  [48, 64],
]

/** Microsoft's "Virtual Hard Disk Image Format Specification" 1.0: a footer in the last sector, big-endian. */
export async function readVhd(image: ImageBytes): Promise<Found> {
  const start = await image.read(0, footerBytes, 'first sector')
  const footer = await image.read(image.lengthBytes - footerBytes, footerBytes, 'footer')
  if (!isFooter(footer)) {
    throw fault(image, 'IMAGE_CORRUPT', 'begins like a VHD image but does not end like one: it is cut off')
  }
  if (checksum(footer, 64) !== footer.readUInt32BE(64)) {
    throw fault(image, 'IMAGE_CORRUPT', 'has a footer whose checksum is wrong')
  }
  const virtualBytes = diskSize(image, sizeIn(footer))
  const type = footer.readUInt32BE(60)
  switch (type) {
    case 2:
      return fixed(image, virtualBytes, start)
    case 3:
      if (!agreeing.every(([from, to]) => start.subarray(from, to).equals(footer.subarray(from, to)))) {
        throw fault(image, 'IMAGE_CORRUPT', 'has a footer and a copy of it in front that differ')
      }
      return dynamic(image, virtualBytes, u64be(footer, 16))
    case 4:
      throw differencing(image)
    default:
      throw fault(image, 'IMAGE_CORRUPT', `has the disk type ${type}, which does not exist`)
  }
}

/** Virtual PC and old versions of qemu mean the geometry, unless it is the largest; all others the size field. */
function sizeIn(footer: Buffer): number {
  const largest = 65535 * 16 * 255
  const sectors = footer.readUInt16BE(56) * footer.readUInt8(58) * footer.readUInt8(59)
  const creator = footer.toString('latin1', 28, 32)
  return (creator === 'vpc ' || creator === 'qemu') && sectors !== largest ? sectors * 512 : u64be(footer, 48)
}

function fixed(image: ImageBytes, virtualBytes: number, start: Buffer): Found {
  if (virtualBytes > image.lengthBytes - footerBytes) {
    throw fault(image, 'IMAGE_CORRUPT', `has ${image.lengthBytes} bytes, too few for its disk of ${virtualBytes}`)
  }
  // The first sector is the guest's here, but qemu would take it for the header.
  if (isFooter(start)) {
    throw fault(image, 'IMAGE_UNSUPPORTED', 'is a fixed VHD image whose disk begins like a growing one', {
      hint: 'cut the last 512 bytes off a copy and name its format raw',
    })
  }
  return { variant: 'fixed', virtualBytes, allocatedBytes: Math.min(image.storedBytes, virtualBytes) }
}

async function dynamic(image: ImageBytes, virtualBytes: number, headerOffset: number): Promise<Found> {
  const header = await image.read(headerOffset, 1024, 'header')
  if (header.toString('latin1', 0, 8) !== 'cxsparse' || checksum(header, 36) !== header.readUInt32BE(36)) {
    throw fault(image, 'IMAGE_CORRUPT', `has no sound header at byte ${headerOffset}`)
  }
  const [tableOffset, blockBytes] = [u64be(header, 16), header.readUInt32BE(32)]
  if (blockBytes < 512 || !Number.isInteger(Math.log2(blockBytes))) {
    throw fault(image, 'IMAGE_CORRUPT', `has blocks of ${blockBytes} bytes`)
  }
  const blocks = Math.ceil(virtualBytes / blockBytes)
  if (blocks > header.readUInt32BE(28)) {
    throw fault(image, 'IMAGE_CORRUPT', `has a block table for less than its ${virtualBytes} bytes`)
  }
  // Every block begins with a bitmap of its sectors.
  const bitmapBytes = Math.ceil(blockBytes / 512 / 8 / 512) * 512
  let held = 0
  let block = 0
  for await (const piece of pieces(image, tableOffset, blocks * 4, 'block table')) {
    for (let at = 0; at < piece.length; at += 4, block += 1) {
      const sector = piece.readUInt32BE(at)
      if (sector === 0xffffffff) continue
      const bytes = Math.min(blockBytes, virtualBytes - block * blockBytes)
      if (sector * 512 + bitmapBytes + bytes > image.lengthBytes) {
        throw fault(
          image,
          'IMAGE_CORRUPT',
          `ends at byte ${image.lengthBytes}; block ${block} of its disk is at byte ${sector * 512}`,
        )
      }
      held += bytes
    }
  }
  return { variant: 'dynamic', virtualBytes, allocatedBytes: held }
}

function isFooter(sector: Buffer): boolean {
  return sector.toString('latin1', 0, 8) === cookie
}

/** The complement of the sum of all bytes but the four of the checksum itself, which are at `field`. */
function checksum(bytes: Buffer, field: number): number {
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  const own = bytes.subarray(field, field + 4).reduce((total, byte) => total + byte, 0)
  return ~(sum - own) >>> 0
}
