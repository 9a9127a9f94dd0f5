import { createHash } from 'node:crypto'
import { failureOf } from './failure.ts'
import type { OrderResult, OrderTask, Run, Setup } from './messages.ts'
import { inSlot } from './slots.ts'
import { writeAt } from './write-at.ts'

let zeros: Buffer | undefined

/**
 * Does what has an order: hashes what was just written, while it is in the cache, and writes what only gets a place when
 * everything before it has one. What goes to its place here is not hashed: its order in the file is another.
 */
export function workerInOrder({ slots, target, over }: Setup): (task: OrderTask) => OrderResult {
  const hash = createHash('sha256')
  const hashZeros = (bytes: number) => {
    if (bytes === 0) return
    zeros ??= Buffer.alloc(2 ** 20)
    for (let left = bytes; left > 0 && Atomics.load(over, 0) === 0; left -= zeros.length) {
      hash.update(zeros.subarray(0, Math.min(left, zeros.length)))
    }
  }
  const work = ({ zeroBytes, writeAt: place }: Run, bytes: Buffer) => {
    if (place !== undefined) {
      writeAt(target.fd, bytes, place)
      return
    }
    hashZeros(zeroBytes)
    hash.update(bytes)
  }
  return (task) => {
    switch (task.kind) {
      case 'hash':
        hash.update(task.bytes)
        return { hashed: task.bytes.length }
      case 'slot':
        try {
          for (const run of task.runs) work(run, inSlot(slots, task.slot, run.at, run.bytes))
        } catch (error) {
          return { failure: failureOf(error) }
        }
        return { freed: task.slot }
      case 'end':
        hashZeros(task.zeroBytes)
        return { sha256: hash.digest('hex') }
    }
  }
}
