import { bootSectorSizes } from '../../../core/ntfs-boot.ts'

// Of the boot sector.
const mftCluster = 48

// $Volume is the fourth record of the MFT; its attribute 0x70 is the volume's information.
const volumeRecord = 3
const volumeInformation = 0x70
const flagsAt = 10
const dirtyFlag = 1

/** Where the record of $Volume lies in an NTFS, and how long it is, in bytes; undefined for a boot sector that makes no sense. */
export function volumeRecordAt(sector: Uint8Array): { readonly offset: number; readonly bytes: number } | undefined {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
  const { clusterBytes, recordBytes: bytes } = bootSectorSizes(sector)
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
