// Of the boot sector: https://flatcap.github.io/linux-ntfs/ntfs/files/boot.html
const oem = 3
const bytesPerSector = 11
const sectorsPerCluster = 13
const mftCluster = 48
const clustersPerRecord = 64

// $Volume is the fourth record of the MFT; its attribute 0x70 is the volume's information.
const volumeRecord = 3
const volumeInformation = 0x70
const flagsAt = 10
const dirtyFlag = 1

/** What the first sector of a partition says it holds. */
export function bootSectorKind(sector: Uint8Array): 'ntfs' | 'bitlocker' | undefined {
  const name = Buffer.from(sector.subarray(oem, oem + 8)).toString('latin1')
  if (name === 'NTFS    ') return 'ntfs'
  return name === '-FVE-FS-' ? 'bitlocker' : undefined
}

/** Where the record of $Volume lies in an NTFS, and how long it is, in bytes; undefined for a boot sector that makes no sense. */
export function volumeRecordAt(sector: Uint8Array): { readonly offset: number; readonly bytes: number } | undefined {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
  const perCluster = view.getUint8(sectorsPerCluster)
  // Above 128: negative, two to this many sectors.
  const clusterBytes = view.getUint16(bytesPerSector, true) * (perCluster > 128 ? 2 ** (256 - perCluster) : perCluster)
  const perRecord = view.getInt8(clustersPerRecord)
  // Negative: the record has two to this many bytes.
  const bytes = perRecord < 0 ? 2 ** -perRecord : perRecord * clusterBytes
  const offset = Number(view.getBigUint64(mftCluster, true)) * clusterBytes + volumeRecord * bytes
  return clusterBytes > 0 && bytes >= 512 && bytes <= 65_536 && Number.isSafeInteger(offset)
    ? { offset, bytes }
    : undefined
}

/** Whether Windows marked the volume dirty; undefined when the record is none. */
export function isDirty(record: Uint8Array): boolean | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  if (Buffer.from(record.subarray(0, 4)).toString('latin1') !== 'FILE') return undefined
  for (let at = view.getUint16(20, true); at + 24 <= record.length; ) {
    const [type, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)]
    if (type === 0xffffffff || length < 24) return undefined
    const content = at + view.getUint16(at + 20, true)
    if (type === volumeInformation && content + flagsAt + 2 <= record.length) {
      return (view.getUint16(content + flagsAt, true) & dirtyFlag) !== 0
    }
    at += length
  }
  return undefined
}
