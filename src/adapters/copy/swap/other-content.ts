/** What tells of other content: bytes at a place, as libblkid looks for them too. */
const signs: readonly (readonly [at: number, bytes: Buffer])[] = [
  // Linux RAID of version 1.2.
  [4096, Buffer.from('fc4e2ba9', 'hex')],
  // bcache and bcachefs.
  [4096 + 24, Buffer.from('c68573f6', 'hex')],
  // ZFS: how the list in each of its labels begins.
  [16_384, Buffer.from('010100000000000000000001', 'hex')],
  [32_768, Buffer.from('JFS1')],
  // GFS2.
  [65_536, Buffer.from('01161970', 'hex')],
  // ReiserFS.
  [65_536 + 52, Buffer.from('ReIsEr')],
  // btrfs.
  [65_536 + 64, Buffer.from('_BHRfS_M')],
]

/** So much of a beginning is looked at. */
export const otherContentBytes = 65_536 + 72

/**
 * Whether a beginning belongs to something that leaves the first page as it finds it: so that what an earlier owner wrote there,
 * such as swap, LVM or a partition table, may still stand and be true no more.
 */
export function hasOtherContent(beginning: Buffer): boolean {
  return signs.some(([at, bytes]) => beginning.subarray(at, at + bytes.length).equals(bytes))
}
