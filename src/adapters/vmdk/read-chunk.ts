import { readSync } from 'node:fs'
import { GrainFault, inflateGrain, mostGrainBytes } from './grain-data.ts'
import type { CopyTask, Setup } from './messages.ts'

const sector = 512

/** Read this much for nothing rather than ask once more. */
const gapBytes = 2 ** 17

/** A grain to read: its place in the chunk and in the image. */
interface Wanted {
  readonly at: number
  readonly offset: number
}

/** The stretch of the image that was used: its first byte, and the one after its last. */
export interface Used {
  readonly from: number
  readonly to: number
}

/** Reads chunks of one image, one at a time, into the slots they are given. */
export function chunkReader(source: Setup['source']): (task: CopyTask, slot: Buffer) => Used {
  let buffer = Buffer.alloc(0)
  const { grainBytes, compressed, lengthBytes } = source
  const most = compressed ? mostGrainBytes(grainBytes) : grainBytes

  return ({ grains, sectors }, slot) => {
    const wanted = Array.from(sectors, (at, index): Wanted => ({ at: index, offset: at * sector }))
    wanted.sort((a, b) => a.offset - b.offset)
    let used = 0
    for (const run of runs(wanted, most)) {
      const from = run.at(0)?.offset ?? 0
      const length = Math.min((run.at(-1)?.offset ?? 0) + most, lengthBytes) - from
      if (buffer.length < length) buffer = Buffer.allocUnsafe(length)
      readWhole(source, buffer, from, length)
      for (const [position, { at, offset }] of run.entries()) {
        const end = Math.min(run[position + 1]?.offset ?? Number.POSITIVE_INFINITY, from + length)
        const bytes = buffer.subarray(offset - from, end - from)
        const into = slot.subarray(at * grainBytes, (at + 1) * grainBytes)
        const taken = compressed
          ? inflateGrain(bytes, offset, grains[at] ?? 0, source, into)
          : copyGrain(bytes, offset, grains[at] ?? 0, source, into)
        used = Math.max(used, offset + taken)
      }
    }
    return { from: wanted[0]?.offset ?? 0, to: used }
  }
}

// An uncompressed last grain may end with the disk.
function copyGrain(bytes: Buffer, offset: number, grain: number, source: Setup['source'], into: Buffer): number {
  const needed = Math.min(into.length, source.capacityBytes - grain * source.grainBytes)
  if (bytes.length < needed) {
    throw new GrainFault(`has a grain at byte ${offset} of which ${bytes.length} bytes are there, not ${needed}`)
  }
  bytes.copy(into, 0, 0, needed)
  into.fill(0, needed)
  return needed
}

function* runs(wanted: readonly Wanted[], most: number): Generator<readonly Wanted[]> {
  let run: Wanted[] = []
  for (const grain of wanted) {
    const last = run.at(-1)
    if (last && grain.offset > last.offset + most + gapBytes) {
      yield run
      run = []
    }
    run.push(grain)
  }
  if (run.length > 0) yield run
}

function readWhole(source: Setup['source'], buffer: Buffer, offset: number, length: number): void {
  for (let done = 0; done < length; ) {
    const count = readSync(source.fd, buffer, done, length - done, source.offsetBytes + offset + done)
    if (count === 0) throw new GrainFault(`became shorter while it was read, at byte ${offset + done}`)
    done += count
  }
}
