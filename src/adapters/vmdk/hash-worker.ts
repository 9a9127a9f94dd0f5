import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { HashResult, HashTask, Setup } from './messages.ts'

// Hashes what the others have just written, in order, while it is in the cache.
const { slots, slotBytes } = workerData as Setup
const hash = createHash('sha256')
const zeros = Buffer.alloc(2 ** 20)

parentPort?.on('message', (task: HashTask) => {
  switch (task.kind) {
    case 'bytes':
      hash.update(task.bytes)
      return
    case 'slot':
      for (const { zeroBytes, at, bytes } of task.runs) {
        hashZeros(zeroBytes)
        hash.update(Buffer.from(slots, task.slot * slotBytes + at, bytes))
      }
      return tell({ freed: task.slot })
    case 'end':
      hashZeros(task.zeroBytes)
      return tell({ sha256: hash.digest('hex') })
  }
})

function hashZeros(bytes: number): void {
  for (let left = bytes; left > 0; left -= zeros.length) hash.update(zeros.subarray(0, Math.min(left, zeros.length)))
}

function tell(result: HashResult): void {
  parentPort?.postMessage(result)
}
