import { constants, deflateRawSync, zstdCompressSync } from 'node:zlib'
import type { Compression } from './messages.ts'

/** qcow2's zlib clusters are raw deflate in a window of 2^12 bytes; with a larger one no reader could inflate them. */
const windowBits = 12

/** Compresses a cluster as qcow2 keeps it. */
export function compressor({ type, level }: Compression): (cluster: Buffer) => Buffer {
  switch (type) {
    case 'zlib':
      return (cluster) => deflateRawSync(cluster, { level, windowBits, memLevel: 9, chunkSize: cluster.length })
    case 'zstd':
      return (cluster) => zstdCompressSync(cluster, { params: { [constants.ZSTD_c_compressionLevel]: level } })
  }
}

/**
 * Compresses each grain of a slot in its place: afterwards those that became smaller lie one behind the other from its
 * start, the others, as they were, after them. Grains of zeros vanish.
 * @param zeros 1 for each grain that holds zeros only
 * @returns of each grain the bytes that it takes now
 */
export function compressChunk(
  slot: Buffer,
  grainBytes: number,
  zeros: Uint8Array,
  compress: (cluster: Buffer) => Buffer,
): Uint32Array {
  const small: Buffer[] = []
  const whole: Buffer[] = []
  const kept = Uint32Array.from(zeros, (zero, at) => {
    if (zero === 1) return 0
    const grain = slot.subarray(at * grainBytes, (at + 1) * grainBytes)
    const compressed = compress(grain)
    if (compressed.length < grainBytes) {
      small.push(compressed)
      return compressed.length
    }
    whole.push(Buffer.from(grain))
    return grainBytes
  })
  let position = 0
  for (const bytes of [...small, ...whole]) position += bytes.copy(slot, position)
  return kept
}
