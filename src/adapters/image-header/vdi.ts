import type { ImageBytes } from './bytes.ts'
import { differencing, diskSize, fault } from './faults.ts'
import type { Found } from './found.ts'
import { u64le, wholeSectors } from './numbers.ts'
import { pieces } from './tables.ts'

const variants: ReadonlyMap<number, string> = new Map([
  [1, 'dynamic'],
  [2, 'static'],
])

/** In the block map: blocks at or above this hold nothing (`0xfffffffe` zeros, `0xffffffff` never written). */
const firstEmpty = 0xfffffffe

/** VirtualBox' image, version 1.1, as its `VDICore.h` has it. Within what qemu reads: blocks of 1 MiB. */
export async function readVdi(image: ImageBytes): Promise<Found> {
  const header = await image.read(0, 512, 'header')
  const version = header.readUInt32LE(0x44)
  if (version !== 0x10001) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `is a VDI image of version ${version >>> 16}.${version & 0xffff}, not 1.1`)
  }
  const type = header.readUInt32LE(0x4c)
  // Undo (3) and differencing (4) images; a link or a parent makes any image one.
  if (type === 3 || type === 4 || header.subarray(0x1a8, 0x1c8).some((byte) => byte !== 0)) throw differencing(image)
  const variant = variants.get(type)
  if (variant === undefined) throw fault(image, 'IMAGE_CORRUPT', `has the image type ${type}, which does not exist`)

  const virtualBytes = diskSize(image, wholeSectors(u64le(header, 0x170)))
  const [sectorBytes, blockBytes, extraBytes] = [0x168, 0x178, 0x17c].map((at) => header.readUInt32LE(at))
  if (sectorBytes !== 512 || blockBytes !== 2 ** 20 || extraBytes !== 0) {
    const says = `sectors of ${sectorBytes} bytes and blocks of ${blockBytes} + ${extraBytes} bytes`
    throw fault(image, 'IMAGE_UNSUPPORTED', `has ${says}; only 512, and 1 MiB + 0, are read`, {
      hint: 'VBoxManage clonemedium disk old.vdi new.vdi',
    })
  }
  const blocks = Math.ceil(virtualBytes / blockBytes)
  if (blocks > header.readUInt32LE(0x180)) {
    throw fault(image, 'IMAGE_CORRUPT', `has a map for less than its ${virtualBytes} bytes`)
  }
  const [mapOffset, dataOffset] = [header.readUInt32LE(0x154), header.readUInt32LE(0x158)]

  let held = 0
  let block = 0
  for await (const piece of pieces(image, mapOffset, blocks * 4, 'block map')) {
    for (let at = 0; at < piece.length; at += 4, block += 1) {
      const index = piece.readUInt32LE(at)
      if (index >= firstEmpty) continue
      const start = dataOffset + index * blockBytes
      const bytes = Math.min(blockBytes, virtualBytes - block * blockBytes)
      if (start + bytes > image.lengthBytes) {
        throw fault(
          image,
          'IMAGE_CORRUPT',
          `ends at byte ${image.lengthBytes}; block ${block} of its disk is at byte ${start}`,
        )
      }
      held += bytes
    }
  }
  return { variant, virtualBytes, allocatedBytes: held }
}
