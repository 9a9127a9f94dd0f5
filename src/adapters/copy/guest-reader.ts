import { chunkReader } from './read-chunk.ts'
import type { GrainSource } from './source.ts'
import type { Extent } from './without.ts'

/** Reads stretches of the guest's disk as the guest sees them: zeros where nothing is, and behind its end. */
export type GuestReader = (wanted: readonly Extent[]) => Promise<readonly Buffer[]>

/**
 * Reads here and there on a disk whose tables are read front to back: so all that is wanted is asked for at once.
 * @throws GrainFault for what cannot be a grain
 */
export function guestReader(source: GrainSource): GuestReader {
  const { grainBytes } = source
  const read = chunkReader(source)
  // One at a time: they may be large, and what is wanted of each little.
  const slot = Buffer.alloc(grainBytes)
  return async (wanted) => {
    const parts = wanted.map(({ start, end }) => ({ start, end, bytes: Buffer.alloc(end - start) }))
    const needed = new Map<number, typeof parts>()
    for (const part of parts) {
      for (let grain = Math.floor(part.start / grainBytes); grain * grainBytes < part.end; grain++) {
        const others = needed.get(grain)
        if (others) others.push(part)
        else needed.set(grain, [part])
      }
    }
    const last = Math.max(-1, ...needed.keys())
    for await (const { first, files, offsets } of source.batches()) {
      for (const [grain, into] of needed) {
        const file = files[grain - first]
        if (file === undefined || file === 0) continue
        const place = { grains: Float64Array.of(grain), files: Uint8Array.of(file - 1) }
        read(
          { ...place, offsets: Float64Array.of(offsets[grain - first] ?? 0), index: 0, rank: 0, slot: 0, again: false },
          slot,
        )
        const at = grain * grainBytes
        for (const { start, end, bytes } of into) {
          slot.copy(bytes, Math.max(0, at - start), Math.max(0, start - at), Math.min(grainBytes, end - at))
        }
      }
      if (first + files.length > last) break
    }
    return parts.map(({ bytes }) => bytes)
  }
}
