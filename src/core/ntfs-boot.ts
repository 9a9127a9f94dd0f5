/** What the first sector of a partition says that it holds, by its OEM id; BitLocker encrypts it as a whole. */
export function bootSectorKind(sector: Uint8Array): 'ntfs' | 'bitlocker' | undefined {
  const oem = Buffer.from(sector.subarray(3, 11)).toString('latin1')
  if (oem === 'NTFS    ') return 'ntfs'
  return oem === '-FVE-FS-' ? 'bitlocker' : undefined
}

/**
 * The sizes that the boot sector of an NTFS says, in bytes, whatever they are (`NTFS_BOOT_SECTOR` in layout.h of ntfs-3g;
 * https://flatcap.github.io/linux-ntfs/ntfs/files/boot.html).
 */
export function bootSectorSizes(sector: Uint8Array): {
  readonly sectorBytes: number
  readonly clusterBytes: number
  /** Of a record of the MFT. */
  readonly recordBytes: number
} {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
  const sectorBytes = view.getUint16(11, true)
  const perCluster = view.getUint8(13)
  // Above 128: negative, two to this many sectors.
  const clusterBytes = sectorBytes * (perCluster > 128 ? 2 ** (256 - perCluster) : perCluster)
  const perRecord = view.getInt8(64)
  // Negative: two to this many bytes.
  const recordBytes = perRecord < 0 ? 2 ** -perRecord : perRecord * clusterBytes
  return { sectorBytes, clusterBytes, recordBytes }
}
