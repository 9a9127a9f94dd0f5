import { Worker } from 'node:worker_threads'
import { type CopyResult, type CopyTask, leave, type OrderResult, type OrderTask, type Setup } from './messages.ts'

/** The threads of one copy. */
export interface Threads {
  copy(task: CopyTask): void
  /** In the order in which it is called. */
  inOrder(task: OrderTask): void
  /** Ends them, each when it is through with what it was given. */
  end(): Promise<void>
}

/** What comes back from them; `failed` when a thread itself breaks, which is a bug or a lack of memory. */
export interface Heard {
  copied(result: CopyResult): void
  ordered(result: OrderResult): void
  failed(error: unknown): void
}

// Grains are short-lived and outside of the heap: a small one has them freed soon.
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 }

/** Starts `count` threads that copy and one for what has an order. A task goes to the thread that has the fewest. */
export function startThreads(count: number, setup: Setup, heard: Heard): Threads {
  const load = new Array<number>(count).fill(0)
  const copiers = load.map((_, index) => {
    const worker = startThread('copy-worker', setup, heard)
    worker.on('message', (result: CopyResult) => {
      load[index] = (load[index] ?? 0) - 1
      heard.copied(result)
    })
    return worker
  })
  const orderer = startThread('order-worker', setup, heard)
  orderer.on('message', heard.ordered)
  return {
    copy(task) {
      const least = load.indexOf(Math.min(...load))
      load[least] = (load[least] ?? 0) + 1
      copiers[least]?.postMessage(task)
    },
    inOrder: (task) => orderer.postMessage(task),
    async end() {
      Atomics.store(setup.over, 0, 1)
      await Promise.all([...copiers, orderer].map(left))
    },
  }
}

/** Has a thread end by itself: one that is ended from outside while it loads native code takes the whole process with it. */
function left(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.threadId === -1) return resolve()
    worker.once('exit', () => resolve())
    worker.postMessage(leave)
  })
}

function startThread(name: string, workerData: Setup, { failed }: Heard): Worker {
  // In the source tree, and in what is built from it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./${name}.${ending}`, import.meta.url), { workerData, resourceLimits })
  worker.on('error', failed)
  return worker
}
