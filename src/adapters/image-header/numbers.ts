/**
 * A 64-bit little-endian field. `Infinity` when it is more than a number counts exactly, which no bound lets pass.
 */
export function u64le(bytes: Buffer, at: number): number {
  return exact(bytes.readBigUInt64LE(at))
}

/** As `u64le`, big-endian. */
export function u64be(bytes: Buffer, at: number): number {
  return exact(bytes.readBigUInt64BE(at))
}

/** The next multiple of 512, since disks have whole sectors. */
export function wholeSectors(bytes: number): number {
  return Math.ceil(bytes / 512) * 512
}

function exact(value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY
}
