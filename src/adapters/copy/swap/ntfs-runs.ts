import type { Extent } from '../without.ts'
import { overlap } from './extents.ts'
import type { NtfsGeometry } from './ntfs-boot.ts'

/** The boot code, as long whatever a cluster has. */
const bootCodeBytes = 8192

/**
 * Decodes the runs of a non-resident attribute: the length and the distance from the last run, each in as many bytes as the two
 * halves of the byte before say ("Mapping pairs array" in layout.h of ntfs-3g).
 * @param count of the clusters that they have to come to
 * @returns where they lie on the disk; undefined for runs that are sparse, overlap, or lie where no file can
 */
export function decodeRuns(
  bytes: Buffer,
  { start, clusterBytes, clusters }: NtfsGeometry,
  count: number,
): readonly Extent[] | undefined {
  const found: Extent[] = []
  let [at, cluster, left] = [0, 0, count]
  for (let head = bytes[at]; head !== 0; head = bytes[at]) {
    if (head === undefined) return undefined
    const [lengthBytes, distanceBytes] = [head & 15, head >> 4]
    const next = at + 1 + lengthBytes + distanceBytes
    // More than six no cluster needs; no distance is how a sparse run looks.
    if (!isWidth(lengthBytes) || !isWidth(distanceBytes) || next > bytes.length) return undefined
    const length = bytes.readIntLE(at + 1, lengthBytes)
    cluster += bytes.readIntLE(at + 1 + lengthBytes, distanceBytes)
    left -= length
    if (length <= 0 || left < 0 || cluster * clusterBytes < bootCodeBytes || cluster + length > clusters) {
      return undefined
    }
    found.push({ start: start + cluster * clusterBytes, end: start + (cluster + length) * clusterBytes })
    at = next
  }
  return left === 0 && !overlap(found) ? found : undefined
}

function isWidth(bytes: number): boolean {
  return bytes >= 1 && bytes <= 6
}
