import { Worker } from 'node:worker_threads'

/** Hashes a file on a thread of its own, so that copies and their progress go on. Hex. */
export function sha256(
  path: string,
  signal: AbortSignal,
  progress: (bytesDone: number) => void = () => undefined,
): Promise<string> {
  signal.throwIfAborted()
  const source = import.meta.url.endsWith('.ts') ? './sha256-worker.ts' : './sha256-worker.js'
  const worker = new Worker(new URL(source, import.meta.url), { workerData: path })
  return new Promise<string>((resolve, reject) => {
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
