import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

// Reads in large pieces without waiting for an event loop: this thread has nothing else to do.
const buffer = Buffer.allocUnsafe(4 * 1024 * 1024)
const reportEveryBytes = 256 * 1024 * 1024
const hash = createHash('sha256')
const file = openSync(String(workerData), 'r')
let total = 0
let reported = 0
for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
  hash.update(buffer.subarray(0, count))
  total += count
  if (total - reported >= reportEveryBytes) {
    reported = total
    parentPort?.postMessage(total)
  }
}
closeSync(file)
parentPort?.postMessage(hash.digest('hex'))
