import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

// Below this, starting a thread takes longer than hashing.
const threadFromBytes = 8 * 1024 * 1024

/** Hashes a file on a thread of its own, so that copies and their progress go on. Hex. */
export async function sha256(
  path: string,
  signal: AbortSignal,
  progress: (bytesDone: number) => void = () => undefined,
): Promise<string> {
  signal.throwIfAborted()
  if (statSync(path).size < threadFromBytes) return hash('sha256', readFileSync(path), 'hex')
  const source = import.meta.url.endsWith('.ts') ? './sha256-worker.ts' : './sha256-worker.js'
  const worker = new Worker(new URL(source, import.meta.url), { workerData: path })
  return await new Promise<string>((resolve, reject) => {
    const abort = () => {
      worker.terminate()
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    worker.on('message', (message: number | string) => {
      if (typeof message === 'number') progress(message)
      else resolve(message)
    })
    worker.on('error', reject)
    worker.on('exit', () => signal.removeEventListener('abort', abort))
  })
}
