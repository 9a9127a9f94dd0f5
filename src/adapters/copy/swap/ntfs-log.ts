import { withoutFixups } from './ntfs-record.ts'

const pageBytes = 4096
const noClient = 0xffff
const cleanFlag = 2

/** So much of $LogFile is looked at: its two restart pages. */
export const restartBytes = 2 * pageBytes

/**
 * Whether Windows left a volume as a whole, with nothing in its log that is still to be written elsewhere: as ntfs-3g tells it
 * (`ntfs_is_logfile_clean` in logfile.c). A log that was emptied is full of 0xff.
 * @param beginning of $LogFile
 * @returns false, too, for a log of version 2, which Windows turns back into 1.1 when it leaves, and for pages that are damaged
 */
export function isLogClean(beginning: Buffer): boolean {
  if (beginning.length < restartBytes) return false
  if (beginning.subarray(0, restartBytes).every((byte) => byte === 0xff)) return true
  const [one, other] = [0, pageBytes].map((at) => restartPage(beginning.subarray(at, at + pageBytes)))
  // The newest may be the one that was not written as a whole.
  if (!one || !other) return false
  return (one.lsn > other.lsn ? one : other).clean
}

function restartPage(bytes: Buffer): { readonly lsn: bigint; readonly clean: boolean } | undefined {
  const page = withoutFixups(bytes, 'RSTR')
  const area = page?.readUInt16LE(24) ?? 0
  if (!page || page.readUInt32LE(16) !== pageBytes || area < 30 || area + 48 > 512) return undefined
  const isOpen = page.readUInt16LE(area + 12) !== noClient && (page.readUInt16LE(area + 14) & cleanFlag) === 0
  return { lsn: page.readBigUInt64LE(area), clean: page.readUInt16LE(28) === 1 && !isOpen }
}
