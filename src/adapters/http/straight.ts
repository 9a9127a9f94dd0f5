import { isIP, type OnReadOpts } from 'node:net'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'
import type { Arrival } from '../../ports/web.ts'

/** A TLS connection for one request, whose answer's body goes past Node's parser of HTTP. */
export interface Straight {
  /** What the parser sees: what is sent, and the head of the answer. */
  readonly socket: Duplex
  /** The body, of so many bytes, in larger pieces than TLS has. */
  body(length: number): Arrival
  /** Lets the parser see the body too. */
  passOn(): void
}

const pieceBytes = 2 ** 18
/** Of a piece, for what is decrypted already when TLS is told to wait. */
const reserveBytes = 2 ** 16
const mostHeadBytes = 2 ** 16
const headEnd = '\r\n\r\n'

/**
 * Connects. Node's parser copies each record of a body, and its streams hand each on by itself, which takes more time than to
 * decrypt it.
 * @param options.timeout milliseconds without a word after which `socket` emits `timeout`
 */
export function connectStraight(options: ConnectionOptions & { readonly host: string }): Straight {
  let piece = Buffer.allocUnsafeSlow(pieceBytes)
  let other = Buffer.allocUnsafeSlow(pieceBytes)
  // Of the piece: what nobody took yet.
  let [begin, end] = [0, 0]
  /** Of which a part is with the one who reads. */
  let lent: Buffer | undefined
  let phase: 'head' | 'waiting' | 'body' | 'passing' = 'head'
  let [ended, failure]: [boolean, Error | undefined] = [false, undefined]
  let wake: (() => void) | undefined

  const isFull = () => piece.length - end <= reserveBytes
  const beginPiece = () => {
    const next = lent === other || other.length < end - begin ? Buffer.allocUnsafeSlow(pieceBytes + end - begin) : other
    end = piece.copy(next, 0, begin, end)
    begin = 0
    other = piece
    piece = next
  }
  const take = (length: number): Buffer => {
    begin += length
    return piece.subarray(begin - length, begin)
  }
  /** @returns whether more may come */
  const arrived = (): boolean => {
    if (phase === 'head') return seekHead()
    if (phase === 'waiting') return false
    if (phase === 'passing') return end === begin || socket.push(Buffer.from(take(end - begin)))
    // After all that comes at once.
    if (wake) setImmediate(wake)
    wake = undefined
    return !isFull() || mayBegin()
  }
  const mayBegin = () => end - begin <= reserveBytes && lent !== other
  const seekHead = (): boolean => {
    const held = piece.subarray(begin, end)
    const at = held.indexOf(headEnd)
    if (at === -1 && held.length < mostHeadBytes) return true
    // No head is so long: the parser says it.
    if (at === -1) phase = 'passing'
    // Another head follows what is only said meanwhile.
    else if (!/^HTTP\/1\.\d 1\d\d/.test(held.toString('latin1', 0, 12))) phase = 'waiting'
    if (at !== -1) socket.push(Buffer.from(take(at + headEnd.length)))
    return arrived()
  }
  async function* bytes(length: number): AsyncGenerator<Buffer> {
    try {
      for (let missing = length; missing > 0; ) {
        tls.resume()
        const taken = take(Math.min(end - begin, missing))
        if (taken.length > 0) {
          missing -= taken.length
          lent = piece
          yield taken
          lent = undefined
        } else if (failure || ended) throw failure ?? hungUp()
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      tls.destroy()
    }
  }
  const socket = new Duplex({
    read() {
      if (phase === 'passing') tls.resume()
    },
    write: (bytes, encoding, done) => void tls.write(bytes, encoding, done),
    final: (done) => void tls.end(done),
    destroy(error, done) {
      failure ??= error ?? undefined
      tls.destroy()
      done(error)
    },
  })
  const onread: OnReadOpts = {
    // Where the next bytes go is asked when some came: only here another piece may be begun.
    buffer() {
      if (end === piece.length || (isFull() && mayBegin())) beginPiece()
      return piece.subarray(end)
    },
    callback(count) {
      end += count
      return arrived()
    },
  }
  const servername = isIP(options.host) ? '' : options.host
  const tls = connect({ servername, ALPNProtocols: ['http/1.1'], ...options, ...{ onread } })
  tls.on('error', (error) => socket.destroy(error))
  tls.on('timeout', () => socket.emit('timeout'))
  const leave = () => {
    if (ended) return
    ended = true
    wake?.()
    if (phase === 'head' || phase === 'passing') passEnd()
  }
  const passEnd = () => {
    if (end > begin) socket.push(Buffer.from(take(end - begin)))
    socket.push(null)
  }
  tls.on('end', leave)
  tls.on('close', () => {
    leave()
    if (phase === 'body') socket.destroy()
  })
  return {
    socket,
    body(length) {
      phase = 'body'
      const pieces = bytes(length)
      return {
        [Symbol.asyncIterator]: () => pieces,
        close(error) {
          failure ??= error
          tls.destroy()
        },
      }
    },
    passOn() {
      phase = 'passing'
      if (ended) passEnd()
      else if (arrived()) tls.resume()
    },
  }
}

function hungUp(): Error {
  return Object.assign(new Error('the connection was closed before all had come'), { code: 'ECONNRESET' })
}
