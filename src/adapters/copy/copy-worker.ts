import { parentPort, workerData } from 'node:worker_threads'
import { chunkCopier } from './copy-chunk.ts'
import { type CopyTask, leave, type Setup } from './messages.ts'

// A thread of a copy.
const copy = chunkCopier(workerData as Setup)

parentPort?.on('message', async (task: CopyTask | typeof leave) => {
  if (task === leave) parentPort?.close()
  else parentPort?.postMessage(await copy(task))
})
