import type { Chunk } from './chunks.ts'
import type { Run, Setup } from './messages.ts'

/** A chunk's turn in the order of the guest's disk. */
export interface Turn {
  /** What is hashed, or written, of its slot. */
  readonly runs: readonly Run[]
  /** Where in the target each grain is that holds data, and how many bytes; for grains of zeros 0 bytes. */
  readonly places: Float64Array
}

/** Decides what has an order, for one kind of target. */
export interface Order {
  turn(chunk: Chunk, kept: Uint32Array): Turn
  /** To be hashed behind the last chunk. */
  zerosAtEnd(): number
}

/** A raw target is hashed with its holes, and ends with the disk. */
export function flatOrder({ grainBytes, capacityBytes }: Setup['source']): Order {
  let position = 0
  return {
    turn({ grains }) {
      const runs: { zeroBytes: number; at: number; bytes: number }[] = []
      grains.forEach((grain, index) => {
        const start = grain * grainBytes
        const bytes = Math.min(grainBytes, capacityBytes - start)
        const last = runs.at(-1)
        if (last && start === position) last.bytes += bytes
        else runs.push({ zeroBytes: start - position, at: index * grainBytes, bytes })
        position = start + bytes
      })
      return { runs, places: grains.map((grain) => grain * grainBytes) }
    },
    zerosAtEnd: () => capacityBytes - position,
  }
}

/** In a packed target the grains follow each other, those of zeros as holes of the file. */
export function packedOrder({ grainBytes }: Pick<Setup['source'], 'grainBytes'>, dataOffset: number): Order {
  return {
    turn: ({ grains, rank }) => ({
      runs: [{ zeroBytes: 0, at: 0, bytes: grains.length * grainBytes }],
      places: grains.map((_, at) => dataOffset + (rank + at) * grainBytes),
    }),
    zerosAtEnd: () => 0,
  }
}

/**
 * Compressed grains lie byte behind byte; those that do not become smaller are aligned, after the others of their chunk.
 */
export function appendedOrder(
  { grainBytes }: Pick<Setup['source'], 'grainBytes'>,
  dataOffset: number,
): Order & { reached(): number; claim(bytes: number): number } {
  let next = dataOffset
  const align = () => {
    next = Math.ceil(next / grainBytes) * grainBytes
    return next
  }
  return {
    turn({ grains }, kept) {
      const begin = next
      const places = new Float64Array(grains.length)
      kept.forEach((bytes, at) => {
        if (bytes === 0 || bytes === grainBytes) return
        places[at] = next
        next += bytes
      })
      const small = next - begin
      const whole = kept.filter((bytes) => bytes === grainBytes).length * grainBytes
      const aligned = whole > 0 ? align() : next
      kept.forEach((bytes, at) => {
        if (bytes !== grainBytes) return
        places[at] = next
        next += bytes
      })
      const runs = [
        { zeroBytes: 0, at: 0, bytes: small, writeAt: begin },
        { zeroBytes: 0, at: small, bytes: whole, writeAt: aligned },
      ]
      return { runs: runs.filter(({ bytes }) => bytes > 0), places }
    },
    zerosAtEnd: () => 0,
    /** The end of what has a place. */
    reached: () => next,
    /** Room for something else, at a cluster's boundary. */
    claim(bytes) {
      next = align() + bytes
      return next - bytes
    },
  }
}
