import { inflater } from './inflate.ts'
import type { Setup } from './messages.ts'

/** Bytes of a grain marker: the grain's first sector (64 bit) and the length of its data (32 bit), little endian. */
const markerBytes = 12
const sector = 512
// Made for the first grain: to load native code takes time, and most who import this never inflate anything.
let inflate: ReturnType<typeof inflater> | undefined

/** Thrown for what the image holds; everything else is the machine's fault. */
export class GrainFault extends Error {
  override readonly name = 'GrainFault'
}

/**
 * Inflates the grain whose marker is at the start of `bytes` into `into`, which has a grain's length.
 * @param offset of the marker in the image, for messages
 * @throws GrainFault
 */
export function inflateGrain(
  bytes: Buffer,
  offset: number,
  grain: number,
  source: Setup['source'],
  into: Buffer,
): void {
  const { grainBytes, capacityBytes } = source
  if (bytes.length < markerBytes) throw new GrainFault(`has two grains at byte ${offset}`)
  const start = Number(bytes.readBigUInt64LE(0)) * sector
  const length = bytes.readUInt32LE(8)
  if (start !== grain * grainBytes) {
    throw new GrainFault(
      `has the marker of another grain at byte ${offset}: of the disk’s byte ${start}, not ${grain * grainBytes}`,
    )
  }
  if (length === 0 || markerBytes + length > bytes.length) {
    throw new GrainFault(`has a grain of ${length} bytes at byte ${offset}, which is more than fits there`)
  }
  const count = inflated(bytes, length, offset, into)
  if (count < Math.min(grainBytes, capacityBytes - start)) {
    throw new GrainFault(`has a grain at byte ${offset} that inflates to ${count} bytes, not ${grainBytes}`)
  }
  // Behind the disk's end there is nothing, whatever an earlier chunk left in the slot.
  into.fill(0, count)
}

function inflated(bytes: Buffer, length: number, offset: number, into: Buffer): number {
  try {
    inflate ??= inflater()
    return inflate(bytes, markerBytes, length, into)
  } catch (error) {
    throw new GrainFault(
      `has a grain at byte ${offset} that cannot be inflated: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** The most bytes that a compressed grain can take, in whole sectors: zlib's bound, the marker, and some padding. */
export function mostGrainBytes(grainBytes: number): number {
  return Math.ceil((grainBytes + Math.ceil(grainBytes / 1000) + 64 + markerBytes + sector) / sector) * sector
}
