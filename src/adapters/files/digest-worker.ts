import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { DigestTask, DigestTold } from './digest.ts'

// Reads in large pieces without waiting for an event loop: this thread has nothing else to do.
const buffer = Buffer.allocUnsafe(4 * 1024 * 1024)
const reportEveryBytes = 256 * 1024 * 1024
const { path, algorithm, offsetBytes, lengthBytes } = workerData as DigestTask
const hash = createHash(algorithm)
const file = openSync(path, 'r')
let [done, reported, over] = [0, 0, false]

const tell = (told: DigestTold) => parentPort?.postMessage(told)

parentPort?.on('message', (upTo: number) => {
  // What was sent meanwhile still arrives: a second close would be of somebody else's file.
  if (over) return
  const end = Math.min(upTo, lengthBytes)
  while (done < end && !over) {
    const count = readSync(file, buffer, 0, Math.min(buffer.length, end - done), offsetBytes + done)
    hash.update(buffer.subarray(0, count))
    done += count
    // It became shorter.
    over = count === 0
    if (done - reported < reportEveryBytes) continue
    reported = done
    tell({ done })
  }
  over ||= done === lengthBytes
  if (!over) return
  closeSync(file)
  tell({ hex: hash.digest('hex') })
  parentPort?.close()
})
