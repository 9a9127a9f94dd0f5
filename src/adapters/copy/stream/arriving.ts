import { problem, problemsOf } from '../../../core/problem.ts'

/** Bytes that arrive in pieces and are taken front to back, each once. */
export interface Arriving {
  readonly name: string
  /** Of the next byte. */
  offset(): number
  /**
   * Exactly so many, as a view that holds until more is asked for; `what` names them in messages.
   * @throws ProblemError SOURCE_UNREADABLE at an early end
   */
  take(length: number, what: string): Promise<Buffer>
  /** The same, which stay to be taken. */
  peek(length: number, what: string): Promise<Buffer>
  /** What is taken from here on stays together. */
  mark(): void
  /** All that was taken since the mark, as a view that holds until more is asked for. */
  sinceMark(): Buffer
  /** Whether nothing is left. */
  ended(): Promise<boolean>
  /** Takes what is left. */
  drain(): Promise<void>
  /** Nothing more is asked for. */
  close(): Promise<void>
}

/** Some chunks. */
const windowBytes = 2 ** 24

/**
 * @param onBytes called for every piece, as it arrives
 * @throws ProblemError SOURCE_UNREADABLE where the connection breaks, and the problems that its stream throws
 */
export function arriving(
  name: string,
  stream: AsyncIterable<Uint8Array>,
  onBytes: (bytes: Buffer) => void,
  signal: AbortSignal,
): Arriving {
  const pieces = stream[Symbol.asyncIterator]()
  let window: Buffer = Buffer.allocUnsafe(windowBytes)
  // Of the window: what is held begins at the mark, what was not taken yet at `begin`.
  let [marked, begin, end] = [0, 0, 0]
  let offset = 0

  const next = async (): Promise<Buffer | undefined> => {
    signal.throwIfAborted()
    const { done, value } = await pieces.next().catch((error: unknown) => {
      signal.throwIfAborted()
      if (problemsOf(error)) throw error
      const detail = error instanceof Error ? error.message : String(error)
      throw problem('SOURCE_UNREADABLE', `${name} broke off at byte ${offset + end - begin}`, { detail })
    })
    if (done) return undefined
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    onBytes(bytes)
    return bytes
  }
  const moveInto = (other: Buffer) => {
    window.copy(other, 0, marked, end)
    window = other
    begin -= marked
    end -= marked
    marked = 0
  }
  /** Whether more came. */
  const receive = async (): Promise<boolean> => {
    const more = await next()
    if (!more) return false
    const needed = end - marked + more.length
    if (needed > window.length) moveInto(Buffer.allocUnsafe(needed * 2))
    else if (end + more.length > window.length) moveInto(window)
    end += more.copy(window, end)
    return true
  }
  const hold = async (length: number, what: string): Promise<Buffer> => {
    while (end - begin < length) {
      if (await receive()) continue
      throw problem('SOURCE_UNREADABLE', `${name} ends at byte ${offset + end - begin}, within its ${what}`, {
        hint: 'read it again from its source',
      })
    }
    return window.subarray(begin, begin + length)
  }
  const pass = (length: number) => {
    begin += length
    offset += length
  }
  return {
    name,
    offset: () => offset,
    peek: hold,
    async take(length, what) {
      const bytes = await hold(length, what)
      pass(length)
      return bytes
    },
    mark() {
      marked = begin
      // Now there is little to move.
      if (begin > window.length / 2) moveInto(window)
    },
    sinceMark: () => window.subarray(marked, begin),
    ended: async () => end === begin && !(await receive()),
    async drain() {
      do {
        pass(end - begin)
        marked = begin
      } while (await receive())
    },
    async close() {
      await pieces.return?.()
    },
  }
}
