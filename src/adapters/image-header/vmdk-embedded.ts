import type { ImageBytes } from './bytes.ts'
import { differencing, fault, told } from './faults.ts'
import { type Descriptor, parseDescriptor } from './vmdk-descriptor.ts'
import type { SparseHeader } from './vmdk-sparse.ts'

const sector = 512
/** qemu reads 20 sectors from sector 1 on, whatever the header says. */
const qemuReads = 20
export const largestDescriptorBytes = 2 ** 20

/**
 * The descriptor in a sparse extent; undefined when there is none, as in the extents of a split disk.
 * @throws ProblemError IMAGE_REFERS_OUTSIDE for a snapshot; IMAGE_UNSUPPORTED, IMAGE_ABSURD, IMAGE_CORRUPT
 */
export async function embeddedDescriptor(image: ImageBytes, header: SparseHeader): Promise<Descriptor | undefined> {
  const { descriptorSector, descriptorSectors } = header
  if (descriptorSector > 1) {
    throw fault(
      image,
      'IMAGE_UNSUPPORTED',
      `has its descriptor in sector ${told(descriptorSector)}; readers look in sector 1`,
    )
  }
  const length = Math.max(descriptorSectors, qemuReads) * sector
  if (length > largestDescriptorBytes) {
    throw fault(image, 'IMAGE_ABSURD', `has a descriptor of ${told(length)} bytes; 1 MiB is the most`)
  }
  const bytes = await image.read(sector, Math.min(length, image.lengthBytes - sector), 'descriptor')
  const text = textUntilNul(bytes.subarray(0, descriptorSectors * sector))
  const isThere = descriptorSector === 1 && text.trim() !== ''
  const descriptor = isThere ? parseDescriptor(image, text) : undefined
  // Behind the descriptor, or where there is none, are other bytes; but who only looks for this word would follow it.
  if (textUntilNul(bytes).includes('parentFileNameHint')) throw differencing(image)
  return descriptor
}

/** As C reads a string. */
export function textUntilNul(bytes: Buffer): string {
  const nul = bytes.indexOf(0)
  return bytes.toString('latin1', 0, nul === -1 ? bytes.length : nul)
}
