import type { GrainBatch, GrainSource } from './source.ts'

/** A stretch of the guest's disk, in bytes; the end is no part of it. */
export interface Extent {
  readonly start: number
  readonly end: number
}

/** The same disk with these extents as holes, as far as they are whole grains. */
export function without(source: GrainSource, extents: readonly Extent[]): GrainSource {
  if (extents.length === 0) return source
  return {
    ...source,
    async *batches(): AsyncGenerator<GrainBatch> {
      for await (const batch of source.batches()) {
        for (const { from, to } of within(batch, source, extents)) batch.files.fill(0, from, to)
        yield batch
      }
    },
  }
}

/** How many bytes of the disk hold data and would be holes then. */
export async function dataWithin(source: GrainSource, extents: readonly Extent[]): Promise<number> {
  let grains = 0
  const last = Math.max(0, ...extents.map(({ end }) => end)) / source.grainBytes
  for await (const batch of source.batches()) {
    for (const { from, to } of within(batch, source, extents)) {
      for (let at = from; at < to; at++) if (batch.files[at] !== 0) grains += 1
    }
    if (batch.first + batch.files.length >= last) break
  }
  return grains * source.grainBytes
}

/** Which of a batch's grains lie in the extents as a whole. */
function* within({ first, files }: GrainBatch, { grainBytes }: GrainSource, extents: readonly Extent[]) {
  for (const { start, end } of extents) {
    const from = Math.max(0, Math.ceil(start / grainBytes) - first)
    const to = Math.min(files.length, Math.floor(end / grainBytes) - first)
    if (from < to) yield { from, to }
  }
}
