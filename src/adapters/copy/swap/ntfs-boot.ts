import { bootSectorKind, bootSectorSizes } from '../../../core/ntfs-boot.ts'
import type { Extent } from '../without.ts'

/** Where an NTFS has what is needed to find its files. Sizes are in bytes. */
export interface NtfsGeometry {
  /** On the disk. */
  readonly start: number
  readonly clusterBytes: number
  readonly clusters: number
  readonly recordBytes: number
  /** On the disk: the MFT, and the copy of its first records. */
  readonly mft: number
  readonly mirror: number
}

/** What the first sector of a partition says that it holds, where it ends as a boot sector does. */
export function bootKind(sector: Buffer): 'ntfs' | 'bitlocker' | undefined {
  return sector.readUInt16LE(510) === 0xaa55 ? bootSectorKind(sector) : undefined
}

/** {3808876B-C176-4E48-B7AE-04046E6CC752}, as it lies on a disk, and where. */
const shadowCopies = Buffer.from('6b87083876c1484eb7ae04046e6cc752', 'hex')
const shadowCopiesAt = 0x1e00

/**
 * Whether a volume has shadow copies, which have blocks of their own only of what was overwritten since: what is a swap file by now
 * may be another file's content then. (https://github.com/libyal/libvshadow/blob/main/documentation/Volume%20Shadow%20Snapshot%20(VSS)%20format.asciidoc)
 * @param beginning of the volume
 */
export function hasShadowCopies(beginning: Buffer): boolean {
  const header = beginning.subarray(shadowCopiesAt, shadowCopiesAt + 128)
  return header.subarray(0, 16).equals(shadowCopies) && header.readBigUInt64LE(48) !== 0n
}

/**
 * Reads the boot sector of an NTFS.
 * @returns undefined where it makes no sense, or the volume would be larger than its place
 */
export function readNtfsBoot(sector: Buffer, { start, end }: Extent): NtfsGeometry | undefined {
  const { sectorBytes, clusterBytes, recordBytes } = bootSectorSizes(sector)
  if (!isPower(sectorBytes, 512, 4096) || !isPower(clusterBytes, sectorBytes, 2 ** 21)) return undefined
  if (!isPower(recordBytes, 1024, 4096)) return undefined
  const volumeBytes = Number(sector.readBigUInt64LE(40)) * sectorBytes
  const clusters = Math.floor(volumeBytes / clusterBytes)
  const [mft, mirror] = [48, 56].map((at) => Number(sector.readBigUInt64LE(at)))
  const isInside = (cluster: number | undefined): cluster is number => {
    return cluster !== undefined && cluster > 0 && cluster < clusters
  }
  if (volumeBytes > end - start || !isInside(mft) || !isInside(mirror) || mft === mirror) return undefined
  return {
    ...{ start, clusterBytes, clusters, recordBytes },
    ...{ mft: start + mft * clusterBytes, mirror: start + mirror * clusterBytes },
  }
}

/** Whether it is a power of two between these. */
export function isPower(value: number, least: number, most: number): boolean {
  return value >= least && value <= most && Number.isInteger(Math.log2(value))
}
