import type { SparseLayout } from '../../core/sparse-layout.ts'
import { sparseVmdkMagic } from './appearance.ts'
import type { ImageBytes } from './bytes.ts'
import { diskSize, fault, told } from './faults.ts'
import { u64le } from './numbers.ts'

const sector = 512
/** In place of the grain directory's offset: it is in the footer, since the file was written in one go. */
const atEnd = 0xffffffffffffffffn
const largestGrainBytes = 2 ** 30
const mostDirectoryEntries = 2 ** 25

/** The header of a sparse extent; sizes and offsets in bytes. */
export interface SparseHeader extends SparseLayout {
  /** In sectors; 0 for none. */
  readonly descriptorSector: number
  readonly descriptorSectors: number
}

/** Reads a `SparseExtentHeader` as VMware's "Virtual Disk Format 5.0" has it, from the footer where that is the valid one. */
export async function readSparseHeader(image: ImageBytes): Promise<SparseHeader> {
  const first = await image.read(0, sector, 'header')
  return parseSparseHeader(image, first, first.readBigUInt64LE(56) === atEnd ? await readFooter(image) : first)
}

/**
 * The header of an image that arrives front to back, whose footer nobody has seen yet: without one that says where the
 * directory is, that is at Infinity.
 */
export async function readArrivingHeader(image: ImageBytes): Promise<SparseHeader> {
  const first = await image.read(0, sector, 'header')
  return parseSparseHeader(image, first, first)
}

function parseSparseHeader(image: ImageBytes, first: Buffer, header: Buffer): SparseHeader {
  if (header.toString('latin1', 0, 4) !== sparseVmdkMagic)
    throw fault(image, 'IMAGE_CORRUPT', 'has no sparse VMDK header')
  const [version, flags] = [header.readUInt32LE(4), header.readUInt32LE(8)]
  if (version < 1 || version > 3) throw fault(image, 'IMAGE_UNSUPPORTED', `is a VMDK of version ${version}, not 1 to 3`)
  if (flags & 1 && header.toString('latin1', 73, 77) !== '\n \r\n') {
    throw fault(image, 'IMAGE_CORRUPT', 'had its line ends translated: it was transferred as text', {
      hint: 'transfer it again, in binary mode',
    })
  }
  const compression = header.readUInt16LE(77)
  if (compression > 1) throw fault(image, 'IMAGE_UNSUPPORTED', `is compressed by the unknown method ${compression}`)
  const capacityBytes = diskSize(image, u64le(header, 12) * sector)
  // qemu takes the footer's word for all but this: a header of no sectors sends it to the descriptor's extents.
  if (u64le(first, 12) * sector !== capacityBytes) {
    throw fault(image, 'IMAGE_CORRUPT', 'has a header and a footer that differ in the size of the disk')
  }
  const grainBytes = u64le(header, 20) * sector
  const tableEntries = header.readUInt32LE(44)
  if (!(grainBytes >= sector && grainBytes <= largestGrainBytes) || tableEntries < 1 || tableEntries > 512) {
    throw fault(image, 'IMAGE_ABSURD', `has grains of ${told(grainBytes)} bytes and tables of ${tableEntries} entries`)
  }
  const directoryEntries = Math.ceil(capacityBytes / (grainBytes * tableEntries))
  if (directoryEntries > mostDirectoryEntries) {
    throw fault(image, 'IMAGE_ABSURD', `has a grain directory of ${directoryEntries} entries`)
  }
  return {
    capacityBytes,
    grainBytes,
    tableEntries,
    directoryOffset: u64le(header, 56) * sector,
    directoryEntries,
    compressed: compression === 1,
    markers: (flags & 0x20000) !== 0,
    zeroGrains: (flags & 4) !== 0,
    descriptorSector: u64le(first, 28),
    descriptorSectors: u64le(first, 36),
  }
}

/** The copy of the header in the last sector but one, between a footer marker and an end-of-stream marker. */
async function readFooter(image: ImageBytes): Promise<Buffer> {
  const markers = await image.read(image.lengthBytes - 3 * sector, 3 * sector, 'footer')
  const [marker, header, last] = [0, 1, 2].map((at) => markers.subarray(at * sector, (at + 1) * sector))
  const isMarker = marker?.readUInt32LE(8) === 0 && marker.readUInt32LE(12) === 3
  const isLast = last?.subarray(0, 16).every((byte) => byte === 0)
  if (header?.toString('latin1', 0, 4) !== sparseVmdkMagic || !isMarker || !isLast) {
    throw fault(image, 'IMAGE_CORRUPT', 'does not end with the footer of a stream-optimized VMDK: it is cut off')
  }
  return header
}
