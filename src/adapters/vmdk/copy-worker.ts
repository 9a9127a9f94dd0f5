import { readSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { GrainFault } from './grain-data.ts'
import type { CopyResult, CopyTask, Failure, Setup } from './messages.ts'
import { chunkReader } from './read-chunk.ts'

// A thread of a copy: it only ever works on one chunk, and waits for nothing else.
const { source, target, slots, slotBytes } = workerData as Setup
const { grainBytes, capacityBytes } = source
const read = chunkReader(source)
const zero = Buffer.alloc(grainBytes)

parentPort?.on('message', (task: CopyTask) => parentPort?.postMessage(copy(task)))

function copy(task: CopyTask): CopyResult {
  const { index, slot } = task
  const bytes = Buffer.from(slots, slot * slotBytes, task.grains.length * grainBytes)
  try {
    const used = task.again ? { from: 0, to: 0 } : read(task, bytes)
    if (task.again)
      forRuns(
        task,
        () => true,
        (at, offset, length) => readBack(bytes.subarray(at, at + length), offset),
      )
    const zeros = Uint8Array.from(task.grains, (_, at) =>
      bytes.subarray(at * grainBytes, (at + 1) * grainBytes).equals(zero) ? 1 : 0,
    )
    if (!task.again) {
      forRuns(
        task,
        (at) => zeros[at] === 0,
        (at, offset, length) => write(bytes.subarray(at, at + length), offset),
      )
    }
    return { index, slot, zeros, ...used }
  } catch (error) {
    return { index, failure: error instanceof GrainFault ? error.failure : machineFault(error) }
  }
}

function placeOf(task: CopyTask, at: number): number {
  const { dataOffset } = target
  return dataOffset === undefined ? (task.grains[at] ?? 0) * grainBytes : dataOffset + (task.rank + at) * grainBytes
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
    const most = target.dataOffset === undefined ? capacityBytes - offset : length
    use(begin * grainBytes, offset, Math.min(length, most))
  }
}

function write(bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(target.fd, bytes, done, bytes.length - done, offset + done)
  }
}

function readBack(bytes: Buffer, offset: number): void {
  let done = 0
  while (done < bytes.length) {
    const count = readSync(target.fd, bytes, done, bytes.length - done, offset + done)
    if (count === 0) break
    done += count
  }
  bytes.fill(0, done)
}

function machineFault(error: unknown): Failure {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return { kind: syscall === 'write' ? 'target' : 'source', what: message, code }
}
