import type { GrainSource } from './source.ts'

/** What one worker turns over at a time, at most: so much of the guest's disk. */
export const chunkBytes = 4 * 2 ** 20

/** The same for so many threads; without any, all else waits meanwhile. */
export function chunkBytesFor(threads: number): number {
  return threads === 0 ? 2 ** 19 : chunkBytes
}

/** Grains that are copied together, in the order of the guest's disk. */
export interface Chunk {
  /** Counted from 0. */
  readonly index: number
  /** Numbers of the grains. */
  readonly grains: Float64Array
  /** Which of the source's files each is in, and where. */
  readonly files: Uint8Array
  readonly offsets: Float64Array
  /** How many grains with data come before this chunk. */
  readonly rank: number
  /** The grains as they arrived, for a source that nobody can seek in: the first of them is at `offsets[0]`. */
  readonly arrived?: Uint8Array
}

/** Every grain that holds data, in chunks, each within one stretch of so many bytes of the guest's disk. */
export async function* chunks(source: GrainSource, stretchBytes = chunkBytes): AsyncGenerator<Chunk> {
  const perChunk = Math.max(1, Math.floor(stretchBytes / source.grainBytes))
  let [index, rank] = [0, 0]
  for await (const { first, files, offsets } of source.batches()) {
    for (let start = 0; start < files.length; start += perChunk) {
      const part = files.subarray(start, start + perChunk)
      const held = part.reduce((count, file) => (file > 0 ? count + 1 : count), 0)
      if (held === 0) continue
      const grains = new Float64Array(held)
      const chunk = { index, rank, grains, files: new Uint8Array(held), offsets: new Float64Array(held) }
      let into = 0
      part.forEach((file, at) => {
        if (file === 0) return
        chunk.grains[into] = first + start + at
        chunk.files[into] = file - 1
        chunk.offsets[into++] = offsets[start + at] ?? 0
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
  /** Stretches of `stretchBytes` of the guest's disk in which there is any. */
  readonly stretches: number
}

/** Counts what `chunks` will give. */
export async function measure(source: GrainSource, stretchBytes: number): Promise<Extent> {
  const perStretch = stretchBytes / source.grainBytes
  let [grains, stretches, last] = [0, 0, -1]
  for await (const chunk of chunks(source)) {
    grains += chunk.grains.length
    for (const grain of chunk.grains) {
      const stretch = Math.floor(grain / perStretch)
      if (stretch > last) stretches += 1
      last = stretch
    }
  }
  return { grains, stretches }
}
