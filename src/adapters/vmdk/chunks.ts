import { grainBatches } from './grains.ts'
import type { SparseVmdk } from './source.ts'

/** What one worker turns over at a time, at most: so much of the guest's disk. */
export const chunkBytes = 4 * 2 ** 20

/** Grains that are copied together, in the order of the guest's disk. */
export interface Chunk {
  /** Counted from 0. */
  readonly index: number
  /** Numbers of the grains. */
  readonly grains: Float64Array
  /** Where each lies in the image, in sectors. */
  readonly sectors: Uint32Array
  /** How many grains with data come before this chunk. */
  readonly rank: number
}

/** Every grain that holds data, in chunks, each within one stretch of `chunkBytes` of the guest's disk. */
export async function* chunks(vmdk: SparseVmdk): AsyncGenerator<Chunk> {
  const { grainBytes, zeroGrains } = vmdk.layout
  const perChunk = Math.max(1, Math.floor(chunkBytes / grainBytes))
  const least = zeroGrains ? 2 : 1
  let [index, rank] = [0, 0]
  for await (const { first, sectors } of grainBatches(vmdk)) {
    for (let start = 0; start < sectors.length; start += perChunk) {
      const part = sectors.subarray(start, start + perChunk)
      const held = part.reduce((count, at) => (at >= least ? count + 1 : count), 0)
      if (held === 0) continue
      const chunk = { index, rank, grains: new Float64Array(held), sectors: new Uint32Array(held) }
      let into = 0
      part.forEach((at, offset) => {
        if (at < least) return
        chunk.grains[into] = first + start + offset
        chunk.sectors[into++] = at
      })
      yield chunk
      index += 1
      rank += held
    }
  }
}

/** How much there is to copy, as the tables say it. */
export interface Extent {
  readonly grains: number
  readonly chunks: number
  /** Stretches of `stretchBytes` of the guest's disk in which there is any. */
  readonly stretches: number
}

/** Counts what `chunks` will give. */
export async function measure(vmdk: SparseVmdk, stretchBytes: number): Promise<Extent> {
  const perStretch = stretchBytes / vmdk.layout.grainBytes
  let [grains, count, stretches, last] = [0, 0, 0, -1]
  for await (const chunk of chunks(vmdk)) {
    grains += chunk.grains.length
    count += 1
    for (const grain of chunk.grains) {
      const stretch = Math.floor(grain / perStretch)
      if (stretch > last) stretches += 1
      last = stretch
    }
  }
  return { grains, chunks: count, stretches }
}
