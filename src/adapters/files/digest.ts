import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { ImageLocation } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'

/** What the thread is started with. */
export interface DigestTask {
  readonly path: string
  readonly algorithm: string
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** What comes back from it: how far it is, and at last the sum. */
export type DigestTold = { readonly done: number } | { readonly hex: string }

/** A file that is being hashed, as far as it may be read by then. */
export interface Digesting {
  /** From 0 to 1, of all of it; a little more is read than that. */
  allow(share: number): void
  /** When all was allowed. @throws ProblemError FILE_UNREADABLE; the signal's reason */
  readonly hex: Promise<string>
}

// Below this, starting a thread takes longer than hashing.
const threadFromBytes = 8 * 1024 * 1024
const aheadBytes = 64 * 1024 * 1024

/**
 * Hashes a file or a stretch of it with an algorithm by Node's name for it, on a thread of its own, so that copies and their
 * progress go on.
 */
export function startDigest(
  image: Pick<ImageLocation, 'path' | 'stretch'>,
  algorithm: string,
  signal: AbortSignal,
  progress: (bytesDone: number) => void = () => undefined,
): Digesting {
  let allow = (_share: number) => {}
  const hex = new Promise<string>((resolve, reject) => {
    signal.throwIfAborted()
    const task = taskOf(image, algorithm)
    if (task.lengthBytes < threadFromBytes) return resolve(hashHere(task))
    // In the source tree, and in what is built from it.
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./digest-worker.${ending}`, import.meta.url), { workerData: task })
    allow = (share) => {
      worker.postMessage(share >= 1 ? task.lengthBytes : Math.floor(share * task.lengthBytes) + aheadBytes)
    }
    const abort = () => {
      void worker.terminate()
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    worker.on('message', (told: DigestTold) => {
      if (!('hex' in told)) return progress(told.done)
      // It ends by itself now.
      signal.removeEventListener('abort', abort)
      resolve(told.hex)
    })
    worker.on('error', (error) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    })
  })
  return {
    allow: (share) => allow(share),
    hex: hex.catch((error: unknown) => {
      signal.throwIfAborted()
      if (!(error instanceof Error && 'code' in error)) throw error
      throw problem('FILE_UNREADABLE', `${image.path} cannot be read: ${error.message}`, { hint: 'let h2k read it' })
    }),
  }
}

/** The same for what may be read at once. Hex. */
export function digest(...about: Parameters<typeof startDigest>): Promise<string> {
  const { allow, hex } = startDigest(...about)
  allow(1)
  return hex
}

/** Hex. */
export function sha256(path: string, signal: AbortSignal, progress?: (bytesDone: number) => void): Promise<string> {
  return digest({ path }, 'sha256', signal, progress)
}

function taskOf({ path, stretch }: Pick<ImageLocation, 'path' | 'stretch'>, algorithm: string): DigestTask {
  const whole = { offsetBytes: 0, lengthBytes: statSync(path).size }
  return { path, algorithm, ...(stretch ?? whole) }
}

function hashHere({ path, algorithm, offsetBytes, lengthBytes }: DigestTask): string {
  const bytes = Buffer.alloc(lengthBytes)
  const file = openSync(path, 'r')
  try {
    let done = 0
    for (let count = 1; count > 0 && done < lengthBytes; done += count) {
      count = readSync(file, bytes, done, lengthBytes - done, offsetBytes + done)
    }
    return createHash(algorithm).update(bytes.subarray(0, done)).digest('hex')
  } finally {
    closeSync(file)
  }
}
