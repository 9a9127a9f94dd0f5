import { problem } from '../../../core/problem.ts'
import type { Chunk } from '../chunks.ts'
import type { Extent } from '../without.ts'
import { grainDigest, type Seen } from './remote-guest.ts'

/** What of a disk stays behind while it arrives, and what was looked at to know that. */
export interface LeftOut {
  readonly extents: readonly Extent[]
  readonly seen: Seen
}

/**
 * Leaves grains out of the chunks that arrive, those that lie in the extents as a whole, and compares those that were looked at
 * before: else what is left out would not be what the checksum of the image vouches for.
 * @param skipped called with the bytes of the guest's disk that were left out
 * @throws ProblemError SOURCE_CHANGED
 */
export async function* leavingOut(
  chunks: AsyncIterable<Chunk>,
  { extents, seen }: LeftOut,
  { name, grainBytes }: { readonly name: string; readonly grainBytes: number },
  skipped: (bytes: number) => void,
): AsyncGenerator<Chunk> {
  const isOut = (grain: number) => {
    return extents.some(({ start, end }) => grain * grainBytes >= start && (grain + 1) * grainBytes <= end)
  }
  const expected = new Map(seen)
  let [index, rank] = [0, 0]
  for await (const chunk of chunks) {
    const { grains, offsets, arrived } = chunk
    if (!arrived) throw new Error('nothing arrived with the chunk')
    const bytes = Buffer.from(arrived.buffer, arrived.byteOffset, arrived.byteLength)
    const begin = offsets[0] ?? 0
    grains.forEach((grain, at) => {
      if (!expected.has(grain)) return
      if (expected.get(grain) !== grainDigest(bytes.subarray((offsets[at] ?? 0) - begin))) throw changed(name)
      expected.delete(grain)
    })
    const kept = [...grains.keys()].filter((at) => !isOut(grains[at] ?? 0))
    skipped((grains.length - kept.length) * grainBytes)
    if (kept.length === 0) continue
    const pick = (from: Float64Array) => Float64Array.from(kept, (at) => from[at] ?? 0)
    const left = pick(offsets)
    yield {
      ...{ index, rank, files: new Uint8Array(kept.length), grains: pick(grains), offsets: left },
      arrived: bytes.subarray((left[0] ?? 0) - begin),
    }
    index += 1
    rank += kept.length
  }
  if ([...expected.values()].some((digest) => digest !== undefined)) throw changed(name)
}

function changed(name: string) {
  return problem('SOURCE_CHANGED', `${name} is not what it was when its swap was looked for`, { hint: 'apply again' })
}
