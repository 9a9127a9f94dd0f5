import { constants, createInflate, inflateSync } from 'node:zlib'
import { type InflateWhole, libdeflate } from './libdeflate.ts'

/** What Node's own inflateSync works with; it makes another one, and another buffer, for each call. */
interface Binding {
  writeSync(flush: number, from: Buffer, at: number, length: number, into: Buffer, intoAt: number, room: number): void
  reset(): void
  onerror: () => void
}

/**
 * Inflates many pieces of the same size one after the other, without garbage: with this host's libdeflate, else with
 * Node's zlib.
 * @returns a function that inflates `length` bytes from `at` on into `into` and says how many bytes that gave; it throws
 *   zlib's error, and RangeError for more than `into` holds
 */
export function inflater(
  whole: InflateWhole | undefined = libdeflate() ?? reusedZlib(),
): (bytes: Buffer, at: number, length: number, into: Buffer) => number {
  return (bytes, at, length, into) => {
    if (whole?.(bytes, at, length, into)) return into.length
    // What does not fill a grain, and what is wrong, is seen again by Node, which says what it is.
    const data = inflateSync(bytes.subarray(at, at + length), {
      // A little more than a grain, since zlib asks for another buffer when one is just full.
      chunkSize: into.length + 64,
      maxOutputLength: into.length,
    })
    return data.copy(into)
  }
}

/** Node's zlib, a quarter faster than inflateSync; undefined in a Node that has no such binding. */
export function reusedZlib(): InflateWhole | undefined {
  const engine = createInflate({ chunkSize: 64 }) as unknown as { _handle?: Binding; _writeState?: Uint32Array }
  const { _handle: binding, _writeState: left } = engine
  if (typeof binding?.writeSync !== 'function' || !left) return undefined
  let failed = false
  binding.onerror = () => {
    failed = true
  }
  return (bytes, at, length, into) => {
    // One byte more than the piece has: if zlib takes it, the piece’s own checksum is not whole.
    if (bytes.length <= at + length) return false
    failed = false
    binding.writeSync(constants.Z_FINISH, bytes, at, length + 1, into, 0, into.length)
    const [room, unread] = left
    binding.reset()
    return !failed && room === 0 && unread === 1
  }
}
