import { type Chunk, chunkBytesFor } from './chunks.ts'
import type { CopyProblems } from './copy-problems.ts'
import { mostGrainBytes } from './grain-data.ts'
import { workHere } from './here.ts'
import type { CopyResult, Failure, Setup } from './messages.ts'
import { inSlot, makeSlots } from './slots.ts'
import type { TargetFile } from './targets.ts'
import { type Heard, startThreads } from './threads.ts'

/** The tables of a large disk wait for the thread that hashes no more than so many at a time. */
const mostHashing = 2 ** 22

export interface CopyOrder {
  readonly source: Setup['source']
  /** What there is to copy. Each is asked for when there is room for it, and over when the next is asked for. */
  readonly chunks: AsyncIterable<Chunk>
  /** The chunks bring their bytes with them. */
  readonly arriving?: boolean
  readonly into: TargetFile
  /** That copy; one more does what has an order. With 0 all is done on this one. */
  readonly threads: number
  /** So many chunks are in the target already: they are read back instead of copied. */
  readonly doneBefore: number
  /** Of each grain of those chunks, asked for in their order, the bytes that it takes: then nothing is read back. */
  keptBefore?(chunk: Chunk): Uint32Array
  readonly signal: AbortSignal
  /** Called in the order of the chunks: this one is written, though not flushed. */
  done(chunk: Chunk, kept: Uint32Array): void
  readonly problems: Pick<CopyProblems, 'of'>
}

/** Enough for the threads that copy to go on while 50 MiB of holes are hashed; what arrives has none in its way, and needs twice the room. */
function slotsFor({ threads, arriving }: Pick<CopyOrder, 'threads' | 'arriving'>): number {
  const least = threads * 2 + 2
  return threads === 0 || arriving ? least : Math.max(16, least)
}

/**
 * Copies every grain with data, several chunks at a time, and hashes the target's bytes in order on the way.
 * Memory is bounded by the slots, a few MiB for each thread, and by one batch of the source's tables.
 * @returns sha256 in hex of head, grains (in a raw target with the holes between them) and tail
 */
export async function copyGrains({ source, chunks, into, signal, ...order }: CopyOrder): Promise<string> {
  signal.throwIfAborted()
  const { capacityBytes, grainBytes, files } = source
  const most = Math.max(1, Math.floor(chunkBytesFor(order.threads) / grainBytes))
  const arrivedBytes = order.arriving ? most * mostGrainBytes(grainBytes) : 0
  const free = Array.from({ length: slotsFor(order) }, (_, index) => index)
  const slots = makeSlots(free.length, most * grainBytes + arrivedBytes, 'direct' in into.target)
  const setup: Setup = {
    ...{ source: { capacityBytes, grainBytes, files }, target: into.target, slots, arrivedBytes },
    over: new Int32Array(new SharedArrayBuffer(4)),
  }
  const underway = new Map<number, Chunk>()
  const finished = new Map<number, Exclude<CopyResult, { failure: Failure }>>()
  // Written in its turn, and that is not over yet.
  const turning = new Map<number, { readonly chunk: Chunk; readonly kept: Uint32Array }>()
  let [next, sha256, hashing] = [0, '', 0]
  let failed: { readonly error: unknown } | undefined
  let wake = () => {}

  const fail = (error: unknown) => {
    failed ??= { error }
    wake()
  }
  const hash = (bytes: Uint8Array) => {
    hashing += bytes.length
    threads.inOrder({ kind: 'hash', bytes })
  }
  const takeTurn = (chunk: Chunk, kept: Uint32Array) => {
    const turn = into.order.turn(chunk, kept)
    into.took(chunk, turn, kept)
    next += 1
    return turn
  }
  const takeTurns = () => {
    for (let result = finished.get(next); result; result = finished.get(next)) {
      const chunk = underway.get(next)
      if (!chunk) throw new Error(`chunk ${next} was never begun`)
      finished.delete(next)
      underway.delete(next)
      const { slot, kept } = result
      const { runs } = takeTurn(chunk, kept)
      turning.set(slot, { chunk, kept })
      threads.inOrder({ kind: 'slot', slot, runs })
    }
  }
  const heard: Heard = {
    copied(result) {
      if ('failure' in result) return fail(order.problems.of(result.failure))
      finished.set(result.index, result)
      try {
        takeTurns()
      } catch (error) {
        fail(error)
      }
      wake()
    },
    ordered(result) {
      if ('failure' in result) return fail(order.problems.of(result.failure))
      if ('sha256' in result) sha256 = result.sha256
      else if ('hashed' in result) hashing -= result.hashed
      else {
        const turned = turning.get(result.freed)
        if (turned) order.done(turned.chunk, turned.kept)
        turning.delete(result.freed)
        free.push(result.freed)
      }
      wake()
    },
    failed: fail,
  }
  const threads = order.threads === 0 ? workHere(setup, heard) : startThreads(order.threads, setup, heard)
  const until = async (holds: () => boolean) => {
    while (!failed && !holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (failed) throw failed.error
  }
  const abort = () => fail(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (into.head) hash(into.head)
    for await (const { arrived, ...chunk } of chunks) {
      const before = chunk.index < order.doneBefore ? order.keptBefore?.(chunk) : undefined
      if (before) {
        takeTurn(chunk, before)
        order.done(chunk, before)
        continue
      }
      if (chunk.index === order.doneBefore) into.goesOn?.()
      await until(() => free.length > 0)
      underway.set(chunk.index, chunk)
      const slot = free.pop() ?? 0
      if (arrived) inSlot(slots, slot, slots.bytes - arrivedBytes, arrived.length).set(arrived)
      threads.copy({ ...chunk, slot, again: chunk.index < order.doneBefore })
    }
    await until(() => underway.size === 0 && turning.size === 0)
    for (const bytes of into.tail()) {
      hash(bytes)
      await until(() => hashing < mostHashing)
    }
    threads.inOrder({ kind: 'end', zeroBytes: into.order.zerosAtEnd() })
    await until(() => sha256 !== '')
    return sha256
  } finally {
    signal.removeEventListener('abort', abort)
    // They hold the file descriptors, which are closed next.
    await threads.end()
  }
}
