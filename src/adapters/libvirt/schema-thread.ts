import { Worker } from 'node:worker_threads'

export interface Asked {
  readonly id: number
  readonly path: string
}

export interface Said {
  readonly id: number
  readonly fits: boolean
}

const timeoutMilliseconds = 60_000

/**
 * Looks at XML files by a RELAX NG schema, which is read once, on a thread of its own.
 * @returns whether a file is known to fit: one that is not does not fit, or could not be looked at
 */
export function schemaThread(schema: string): (path: string, signal: AbortSignal) => Promise<boolean> {
  const waiting = new Map<number, (fits: boolean) => void>()
  let asked = 0
  let worker: Worker | undefined
  let broken = false

  const answer = (id: number, fits: boolean) => {
    waiting.get(id)?.(fits)
    waiting.delete(id)
    // A thread that has nothing to do must not keep h2k from ending.
    if (waiting.size === 0) worker?.unref()
  }
  const giveUp = () => {
    broken = true
    for (const id of waiting.keys()) answer(id, false)
  }
  const start = () => {
    // In the source tree, and in what is built from it.
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const started = new Worker(new URL(`./schema-worker.${ending}`, import.meta.url), { workerData: schema })
    started.on('message', ({ id, fits }: Said) => answer(id, fits))
    // A schema that it cannot read, a lack of memory: others look then.
    started.on('error', giveUp)
    started.on('exit', giveUp)
    return started
  }
  return async (path, signal) => {
    if (broken) return false
    worker ??= start()
    const thread = worker
    thread.ref()
    const id = asked++
    const fits = new Promise<boolean>((resolve) => {
      waiting.set(id, resolve)
    })
    thread.postMessage({ id, path } satisfies Asked)
    const stop = () => answer(id, false)
    signal.addEventListener('abort', stop)
    const late = setTimeout(() => {
      giveUp()
      void thread.terminate()
    }, timeoutMilliseconds)
    return await fits.finally(() => {
      clearTimeout(late)
      signal.removeEventListener('abort', stop)
    })
  }
}
