import { Worker } from 'node:worker_threads'
import type { CopyResult, CopyTask, HashResult, HashTask, Setup } from './messages.ts'

/** The threads of one copy. */
export interface Threads {
  readonly count: number
  copy(task: CopyTask): void
  hash(task: HashTask): void
  /** Ends them, whatever they are doing. */
  end(): Promise<void>
}

/** What comes back from them; `failed` when a thread itself breaks, which is a bug or a lack of memory. */
export interface Heard {
  copied(result: CopyResult, worker: number): void
  hashed(result: HashResult): void
  failed(error: unknown): void
}

/** Starts `count` threads that copy and one that hashes. A task goes to the thread that has the fewest. */
export function startThreads(count: number, setup: Setup, heard: Heard): Threads {
  const load = new Array<number>(count).fill(0)
  const copiers = load.map((_, index) => {
    const worker = startThread('copy-worker', setup, heard)
    worker.on('message', (result: CopyResult) => {
      load[index] = (load[index] ?? 0) - 1
      heard.copied(result, index)
    })
    return worker
  })
  const hasher = startThread('hash-worker', setup, heard)
  hasher.on('message', heard.hashed)
  return {
    count,
    copy(task) {
      const least = load.indexOf(Math.min(...load))
      load[least] = (load[least] ?? 0) + 1
      copiers[least]?.postMessage(task)
    },
    hash: (task) => hasher.postMessage(task),
    async end() {
      await Promise.all([...copiers, hasher].map((worker) => worker.terminate()))
    },
  }
}

function startThread(name: string, workerData: Setup, { failed }: Heard): Worker {
  // In the source tree, and in what is built from it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./${name}.${ending}`, import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
  })
  worker.on('error', failed)
  return worker
}
