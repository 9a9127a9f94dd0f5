import { problem } from '../../../core/problem.ts'

/** Bytes that arrive in pieces and are taken front to back, each once. */
export interface Arriving {
  readonly name: string
  /** Of the next byte. */
  offset(): number
  /**
   * Exactly so many, as a view of what arrived; `what` names them in messages.
   * @throws ProblemError SOURCE_UNREADABLE at an early end
   */
  take(length: number, what: string): Promise<Buffer>
  /** The same, which stay to be taken. */
  peek(length: number, what: string): Promise<Buffer>
  /** Whether nothing is left. */
  ended(): Promise<boolean>
  /** Takes what is left. */
  drain(): Promise<void>
}

/**
 * @param onBytes called for every piece, as it arrives
 * @throws ProblemError SOURCE_UNREADABLE where the connection breaks
 */
export function arriving(
  name: string,
  stream: AsyncIterable<Uint8Array>,
  onBytes: (bytes: Buffer) => void,
  signal: AbortSignal,
): Arriving {
  const pieces = stream[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  let offset = 0

  const next = async (): Promise<Buffer | undefined> => {
    signal.throwIfAborted()
    const { done, value } = await pieces.next().catch((error: unknown) => {
      signal.throwIfAborted()
      const detail = error instanceof Error ? error.message : String(error)
      throw problem('SOURCE_UNREADABLE', `${name} broke off at byte ${offset + held.length}`, { detail })
    })
    if (done) return undefined
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    onBytes(bytes)
    return bytes
  }
  const hold = async (length: number, what: string): Promise<Buffer> => {
    const parts = [held]
    for (let there = held.length; there < length; ) {
      const more = await next()
      if (!more) {
        throw problem('SOURCE_UNREADABLE', `${name} ends at byte ${offset + there}, within its ${what}`, {
          hint: 'read it again from its source',
        })
      }
      parts.push(more)
      there += more.length
    }
    if (parts.length > 1) held = Buffer.concat(parts)
    return held.subarray(0, length)
  }
  return {
    name,
    offset: () => offset,
    peek: hold,
    async take(length, what) {
      const bytes = await hold(length, what)
      held = held.subarray(length)
      offset += length
      return bytes
    },
    async ended() {
      while (held.length === 0) {
        const more = await next()
        if (!more) return true
        held = more
      }
      return false
    },
    async drain() {
      for (let piece: Buffer | undefined = held; piece; piece = await next()) offset += piece.length
      held = Buffer.alloc(0)
    },
  }
}
