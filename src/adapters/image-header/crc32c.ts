const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** CRC-32C (Castagnoli) of the bytes, those of the checksum field at `field` counted as zeros. */
export function crc32c(bytes: Buffer, field: number): number {
  let value = 0xffffffff
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = at >= field && at < field + 4 ? 0 : (bytes[at] ?? 0)
    value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0)
  }
  return (value ^ 0xffffffff) >>> 0
}
