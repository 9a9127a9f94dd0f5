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
  return async (wanted) => {
    const needed = new Set<number>()
    for (const { start, end } of wanted) {
      for (let grain = Math.floor(start / grainBytes); grain * grainBytes < end; grain++) needed.add(grain)
    }
    const last = Math.max(-1, ...needed)
    const held = new Map<number, Buffer>()
    for await (const { first, files, offsets } of source.batches()) {
      for (const grain of needed) {
        const file = files[grain - first]
        if (file === undefined || file === 0) continue
        const slot = Buffer.alloc(grainBytes)
        const place = { grains: Float64Array.of(grain), files: Uint8Array.of(file - 1) }
        read(
          { ...place, offsets: Float64Array.of(offsets[grain - first] ?? 0), index: 0, rank: 0, slot: 0, again: false },
          slot,
        )
        held.set(grain, slot)
      }
      if (first + files.length > last) break
    }
    return wanted.map(({ start, end }) => {
      const bytes = Buffer.alloc(end - start)
      for (let at = start; at < end; ) {
        const grain = Math.floor(at / grainBytes)
        const until = Math.min(end, (grain + 1) * grainBytes)
        held.get(grain)?.copy(bytes, at - start, at - grain * grainBytes, until - grain * grainBytes)
        at = until
      }
      return bytes
    })
  }
}
