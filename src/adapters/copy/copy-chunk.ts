import { readSync } from 'node:fs'
import { compressChunk, compressor } from './compress-chunk.ts'
import { writerTo } from './direct.ts'
import { failureOf } from './failure.ts'
import type { CopyResult, CopyTask, Setup } from './messages.ts'
import { chunkReader, inflateArrived } from './read-chunk.ts'
import { inSlot } from './slots.ts'

/** Copies chunks through their slots. What comes later are writes that the next chunk does not wait for. */
export function chunkCopier({
  source,
  target,
  slots,
  arrivedBytes,
}: Setup): (task: CopyTask) => CopyResult | Promise<CopyResult> {
  const { grainBytes, capacityBytes } = source
  const read = chunkReader(source)
  const zero = Buffer.alloc(grainBytes)
  const write = writerTo(target)
  const append = target.kind === 'appended' ? compressor(target.compression) : undefined
  return copy

  function copy(task: CopyTask): CopyResult | Promise<CopyResult> {
    const { index, slot, again } = task
    const bytes = inSlot(slots, slot, 0, task.grains.length * grainBytes)
    const writes: Promise<void>[] = []
    try {
      if (again)
        forRuns(
          task,
          () => true,
          (at, offset, length) => readBack(bytes.subarray(at, at + length), offset),
        )
      else if (arrivedBytes > 0) inflateArrived(task, source, arrivedIn(slot), bytes)
      else read(task, bytes)
      const zeros = Uint8Array.from(task.grains, (_, at) =>
        bytes.subarray(at * grainBytes, (at + 1) * grainBytes).equals(zero) ? 1 : 0,
      )
      if (append) return { index, slot, kept: compressChunk(bytes, grainBytes, zeros, append) }
      if (!again) {
        forRuns(
          task,
          (at) => zeros[at] === 0,
          (at, offset, length) => {
            const written = write(bytes.subarray(at, at + length), offset)
            if (written) writes.push(written)
          },
        )
      }
      const result = { index, slot, kept: Uint32Array.from(zeros, (none) => (none === 1 ? 0 : grainBytes)) }
      return whenWritten(writes, result)
    } catch (error) {
      return whenWritten(writes, { index, failure: failureOf(error) })
    }
  }

  function arrivedIn(slot: number): Buffer {
    return inSlot(slots, slot, slots.bytes - arrivedBytes, arrivedBytes)
  }

  function placeOf(task: CopyTask, at: number): number {
    if (target.kind === 'packed') return target.dataOffset + (task.rank + at) * grainBytes
    return (task.grains[at] ?? 0) * grainBytes
  }

  // Grains that lie one behind the other in the target are written, or read, at once.
  function forRuns(
    task: CopyTask,
    wanted: (at: number) => boolean,
    use: (slotOffset: number, targetOffset: number, length: number) => void,
  ): void {
    for (let at = 0; at < task.grains.length; ) {
      if (!wanted(at)) {
        at += 1
        continue
      }
      const begin = at
      const offset = placeOf(task, begin)
      do at += 1
      while (at < task.grains.length && wanted(at) && placeOf(task, at) === offset + (at - begin) * grainBytes)
      const length = (at - begin) * grainBytes
      // A raw image ends where the disk ends.
      use(begin * grainBytes, offset, target.kind === 'flat' ? Math.min(length, capacityBytes - offset) : length)
    }
  }

  // What was left out as zeros may lie behind the end of the file.
  function readBack(bytes: Buffer, offset: number): void {
    let done = 0
    while (done < bytes.length) {
      const count = readSync(target.fd, bytes, done, bytes.length - done, offset + done)
      if (count === 0) break
      done += count
    }
    bytes.fill(0, done)
  }
}

function whenWritten(writes: readonly Promise<void>[], result: CopyResult): CopyResult | Promise<CopyResult> {
  if (writes.length === 0) return result
  return Promise.allSettled(writes).then((ends) => {
    const failed = ends.find((end) => end.status === 'rejected')
    return failed ? { index: result.index, failure: failureOf(failed.reason) } : result
  })
}
