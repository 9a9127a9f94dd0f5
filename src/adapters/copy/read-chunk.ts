import { readSync } from 'node:fs'
import { whileReading } from './failure.ts'
import { GrainFault, inflateGrain, mostGrainBytes } from './grain-data.ts'
import type { CopyTask, Setup } from './messages.ts'
import { readingAhead } from './read-ahead.ts'
import type { SourceFile } from './source.ts'

/** Read this much for nothing rather than ask once more. */
const gapBytes = 2 ** 17
/** And at most this much at once, however far apart the grains of a chunk lie. */
const mostBytes = 2 ** 23

/** A grain to read: its place in the chunk and in its file. */
interface Wanted {
  readonly at: number
  readonly offset: number
}

/** Reads chunks, one at a time, into the slots they are given: what the guest sees, zeros behind the disk's end. */
export function chunkReader(source: Setup['source']): (task: CopyTask, slot: Buffer) => void {
  let buffer = Buffer.alloc(0)
  const { grainBytes } = source
  const ahead = source.files.map(readingAhead)

  const readRun = (file: SourceFile, run: readonly Wanted[], most: number, { grains }: CopyTask, slot: Buffer) => {
    const from = run.at(0)?.offset ?? 0
    const length = Math.min((run.at(-1)?.offset ?? 0) + most, file.lengthBytes) - from
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length)
    readWhole(file, buffer, from, length)
    for (const [position, { at, offset }] of run.entries()) {
      const end = Math.min(run[position + 1]?.offset ?? Number.POSITIVE_INFINITY, from + length)
      const bytes = buffer.subarray(offset - from, end - from)
      const into = slot.subarray(at * grainBytes, (at + 1) * grainBytes)
      const grain = grains[at] ?? 0
      inflateGrain(bytes, offset, grain, source, into)
    }
  }
  return (task, slot) => {
    for (const [number, file] of source.files.entries()) {
      const wanted: Wanted[] = []
      task.files.forEach((of, at) => {
        if (of === number) wanted.push({ at, offset: task.offsets[at] ?? 0 })
      })
      wanted.sort((a, b) => a.offset - b.offset)
      const last = wanted.at(-1)
      if (!last) continue
      const most = file.compressed ? mostGrainBytes(grainBytes) : grainBytes
      ahead[number]?.(last.offset + most)
      try {
        if (file.compressed) for (const run of runs(wanted, most)) readRun(file, run, most, task, slot)
        else for (const run of straightRuns(wanted, grainBytes)) readStraight(file, run, source, task, slot)
      } catch (error) {
        throw whileReading(error, file.name)
      }
    }
  }
}

/** Inflates what arrived of a chunk: the bytes of its source from its first grain on. */
export function inflateArrived(
  { grains, offsets }: CopyTask,
  source: Setup['source'],
  arrived: Buffer,
  slot: Buffer,
): void {
  const { grainBytes } = source
  const from = offsets[0] ?? 0
  grains.forEach((grain, at) => {
    const offset = offsets[at] ?? 0
    const bytes = arrived.subarray(offset - from, (offsets[at + 1] ?? Number.POSITIVE_INFINITY) - from)
    inflateGrain(bytes, offset, grain, source, slot.subarray(at * grainBytes, (at + 1) * grainBytes))
  })
}

/** Grains that follow each other both in the file and in the slot are read where they belong. */
function readStraight(
  file: SourceFile,
  run: readonly Wanted[],
  { grainBytes, capacityBytes }: Setup['source'],
  { grains }: CopyTask,
  slot: Buffer,
): void {
  const { at = 0, offset = 0 } = run[0] ?? {}
  const into = slot.subarray(at * grainBytes, (at + run.length) * grainBytes)
  const there = Math.min(into.length, file.lengthBytes - offset)
  // The last grain of a file may end with the disk.
  const last = (grains[at + run.length - 1] ?? 0) * grainBytes
  const needed = into.length - Math.max(0, last + grainBytes - capacityBytes)
  if (there < needed) {
    const begun = Math.floor(there / grainBytes) * grainBytes
    throw new GrainFault(
      `has a grain at byte ${offset + begun} of which ${there - begun} bytes are there, not ${Math.min(grainBytes, needed - begun)}`,
    )
  }
  readWhole(file, into, offset, needed)
  into.fill(0, needed)
}

function* straightRuns(wanted: readonly Wanted[], grainBytes: number): Generator<readonly Wanted[]> {
  let run: Wanted[] = []
  for (const grain of wanted) {
    const last = run.at(-1)
    if (last && grain.offset === last.offset) throw new GrainFault(`has two grains at byte ${grain.offset}`)
    if (last && (grain.at !== last.at + 1 || grain.offset !== last.offset + grainBytes)) {
      yield run
      run = []
    }
    run.push(grain)
  }
  if (run.length > 0) yield run
}

function* runs(wanted: readonly Wanted[], most: number): Generator<readonly Wanted[]> {
  let run: Wanted[] = []
  for (const grain of wanted) {
    const last = run.at(-1)
    const farther = last && grain.offset > last.offset + most + gapBytes
    if (farther || grain.offset + most > (run[0]?.offset ?? grain.offset) + mostBytes) {
      yield run
      run = []
    }
    run.push(grain)
  }
  if (run.length > 0) yield run
}

function readWhole(file: SourceFile, buffer: Buffer, offset: number, length: number): void {
  for (let done = 0; done < length; ) {
    const count = readSync(file.fd, buffer, done, length - done, file.offsetBytes + offset + done)
    if (count === 0) throw new GrainFault(`became shorter while it was read, at byte ${offset + done}`)
    done += count
  }
}
