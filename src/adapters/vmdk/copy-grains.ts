import { type Chunk, chunkBytes, chunks } from './chunks.ts'
import { hashOrder } from './hash-runs.ts'
import type { CopyResult, Failure, Setup } from './messages.ts'
import type { SparseVmdk } from './source.ts'
import { startThreads } from './threads.ts'

export interface CopyOrder {
  readonly vmdk: SparseVmdk
  readonly target: Setup['target']
  /** That copy; one more hashes. */
  readonly threads: number
  /** So many chunks are in the target already: they are read back instead of copied. */
  readonly doneBefore: number
  readonly signal: AbortSignal
  /** Hashed before the first grain. */
  readonly head?: Uint8Array
  /** Called when every grain is written; what it gives is hashed behind them. */
  tail?(): Iterable<Uint8Array>
  /** Called in the order of the chunks: everything up to and with this one is written, though not flushed. */
  done(chunk: Chunk, zeros: Uint8Array): void
  /** The error for what a thread could not do. */
  failure(failure: Failure): Error
}

/**
 * Copies every grain with data, several chunks at a time, and hashes the target's bytes in order on the way.
 * Memory is bounded by the slots, a few MiB for each thread, and by one batch of the image's tables.
 * @returns sha256 in hex, of head, grains (in a raw target with the holes between them) and tail
 */
export async function copyGrains(order: CopyOrder): Promise<string> {
  const { vmdk, target, signal } = order
  signal.throwIfAborted()
  const slotBytes = Math.max(chunkBytes, vmdk.layout.grainBytes)
  const free = Array.from({ length: order.threads * 2 + 2 }, (_, index) => index)
  const slots = new SharedArrayBuffer(free.length * slotBytes)
  const { fd, offsetBytes, lengthBytes, layout } = vmdk
  const setup: Setup = { source: { fd, offsetBytes, lengthBytes, ...layout }, target, slots, slotBytes }
  const hashing = hashOrder(setup.source, target.dataOffset !== undefined)
  const underway = new Map<number, Chunk>()
  const finished = new Map<number, Exclude<CopyResult, { failure: Failure }>>()
  let [next, sha256] = [0, '']
  let failed: { readonly error: unknown } | undefined
  let wake = () => {}

  const fail = (error: unknown) => {
    failed ??= { error }
    wake()
  }
  const inOrder = () => {
    for (let result = finished.get(next); result; result = finished.get(next)) {
      const chunk = underway.get(next)
      if (!chunk) throw new Error(`chunk ${next} was never begun`)
      finished.delete(next)
      underway.delete(next)
      next += 1
      threads.hash({ kind: 'slot', slot: result.slot, runs: hashing.runsOf(chunk) })
      order.done(chunk, result.zeros)
    }
  }
  const threads = startThreads(order.threads, setup, {
    copied(result) {
      if ('failure' in result) return fail(order.failure(result.failure))
      finished.set(result.index, result)
      inOrder()
      wake()
    },
    hashed(result) {
      if ('sha256' in result) sha256 = result.sha256
      else free.push(result.freed)
      wake()
    },
    failed: fail,
  })
  const until = async (holds: () => boolean) => {
    while (!failed && !holds()) await new Promise<void>((resolve) => (wake = resolve))
    if (failed) throw failed.error
  }
  const abort = () => fail(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (order.head) threads.hash({ kind: 'bytes', bytes: order.head })
    for await (const chunk of chunks(vmdk)) {
      await until(() => free.length > 0)
      underway.set(chunk.index, chunk)
      threads.copy({ ...chunk, slot: free.pop() ?? 0, again: chunk.index < order.doneBefore })
    }
    await until(() => underway.size === 0)
    for (const bytes of order.tail?.() ?? []) threads.hash({ kind: 'bytes', bytes })
    threads.hash({ kind: 'end', zeroBytes: hashing.zerosAtEnd() })
    await until(() => sha256 !== '')
    return sha256
  } finally {
    signal.removeEventListener('abort', abort)
    // They hold the file descriptors, which are closed next.
    await threads.end()
  }
}
