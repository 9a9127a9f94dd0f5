import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from './failure.ts'
import type { OrderResult, OrderTask, Run, Setup } from './messages.ts'

// Does what has an order: hashes what the others have just written, while it is in the cache, and writes what only gets a
// place when everything before it has one. What goes to its place here is not hashed: its order in the file is another.
const { slots, slotBytes, target } = workerData as Setup
const hash = createHash('sha256')
const zeros = Buffer.alloc(2 ** 20)

parentPort?.on('message', (task: OrderTask) => {
  switch (task.kind) {
    case 'hash':
      hash.update(task.bytes)
      return
    case 'slot':
      try {
        for (const run of task.runs) work(run, Buffer.from(slots, task.slot * slotBytes + run.at, run.bytes))
      } catch (error) {
        return tell({ failure: failureOf(error) })
      }
      return tell({ freed: task.slot })
    case 'end':
      hashZeros(task.zeroBytes)
      return tell({ sha256: hash.digest('hex') })
  }
})

function work({ zeroBytes, writeAt }: Run, bytes: Buffer): void {
  if (writeAt === undefined) {
    hashZeros(zeroBytes)
    hash.update(bytes)
    return
  }
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(target.fd, bytes, done, bytes.length - done, writeAt + done)
  }
}

function hashZeros(bytes: number): void {
  for (let left = bytes; left > 0; left -= zeros.length) hash.update(zeros.subarray(0, Math.min(left, zeros.length)))
}

function tell(result: OrderResult): void {
  parentPort?.postMessage(result)
}
