import type { ImageBytes } from './bytes.ts'
import { diskSize } from './faults.ts'
import type { Found } from './found.ts'
import { wholeSectors } from './numbers.ts'

/** A raw disk: whatever its bytes are, they are the guest's. Part of a last sector counts as a whole one. */
export async function readRaw(image: ImageBytes): Promise<Found> {
  const virtualBytes = diskSize(image, wholeSectors(image.lengthBytes))
  return { variant: 'raw', virtualBytes, allocatedBytes: image.storedBytes }
}
