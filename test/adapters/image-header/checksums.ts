import { crc32c } from '../../../src/adapters/image-header/crc32c.ts'
import { sector } from './images.ts'

const kib = 1024

/** Makes the checksums of a VHDX image right again: of both headers and the region table. */
export function resumVhdx(bytes: Buffer): void {
  for (const [at, length] of [
    [64 * kib, 4 * kib],
    [128 * kib, 4 * kib],
    [192 * kib, 64 * kib],
  ] as const) {
    const block = bytes.subarray(at, at + length)
    if (block.length === length) block.writeUInt32LE(crc32c(block, 4), 4)
  }
}

/** Makes the checksums of a VHD image right again: of the footer, and of its copy and the header when it has them. */
export function resumVhd(bytes: Buffer): void {
  const grows = bytes.toString('latin1', 0, 8) === 'conectix'
  const blocks = [
    [bytes.length - sector, sector, 64],
    ...(grows
      ? [
          [0, sector, 64],
          [512, 1024, 36],
        ]
      : []),
  ] as const
  for (const [at = 0, length = 0, field = 0] of blocks) {
    const block = bytes.subarray(Math.max(0, at), at + length)
    if (block.length !== length) continue
    block.writeUInt32BE(0, field)
    block.writeUInt32BE(~block.reduce((total, byte) => total + byte, 0) >>> 0, field)
  }
}
