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

/** So much of a partition's beginning is looked at. */
export const bootBytes = 512

/** What the first sector of a partition says it holds, by its OEM id. */
export function bootKind(sector: Buffer): 'ntfs' | 'bitlocker' | undefined {
  if (sector.readUInt16LE(510) !== 0xaa55) return undefined
  const oem = sector.toString('latin1', 3, 11)
  if (oem === 'NTFS    ') return 'ntfs'
  return oem === '-FVE-FS-' ? 'bitlocker' : undefined
}

/**
 * Reads the boot sector of an NTFS (`NTFS_BOOT_SECTOR` in layout.h of ntfs-3g).
 * @returns undefined where it makes no sense, or the volume would be larger than its place
 */
export function readNtfsBoot(sector: Buffer, { start, end }: Extent): NtfsGeometry | undefined {
  const sectorBytes = sector.readUInt16LE(11)
  const perCluster = sector.readUInt8(13)
  // Above 128: negative, two to this many sectors.
  const clusterBytes = sectorBytes * (perCluster > 128 ? 2 ** (256 - perCluster) : perCluster)
  if (!isPower(sectorBytes, 512, 4096) || !isPower(clusterBytes, sectorBytes, 2 ** 21)) return undefined
  const perRecord = sector.readInt8(64)
  // Negative: two to this many bytes.
  const recordBytes = perRecord < 0 ? 2 ** -perRecord : perRecord * clusterBytes
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
