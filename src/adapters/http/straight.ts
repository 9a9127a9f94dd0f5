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
const mostPieces = 2
const mostHeadBytes = 2 ** 16
const headEnd = '\r\n\r\n'

/** What is full, and not yet with the one who reads. */
interface Full {
  readonly bytes: Buffer
  /** Of what nobody took yet. */
  readonly begin: number
}

/**
 * Connects. Node's parser copies each record of a body, and its streams hand each on by itself, which takes more time than to
 * decrypt it.
 * @param options.timeout milliseconds without a word after which `socket` emits `timeout`
 */
export function connectStraight(options: ConnectionOptions & { readonly host: string }): Straight {
  let piece: Buffer = Buffer.allocUnsafeSlow(pieceBytes)
  // Of the piece: what nobody took yet.
  let [begin, end] = [0, 0]
  const full: Full[] = []
  const spare: Buffer[] = []
  /** Full, and taken: free when the next is asked for. */
  let lent: Buffer | undefined
  // Between the head and what is done with the body: Node tells of an answer while it is given the head.
  let phase: 'head' | 'told' | 'body' | 'passing' = 'head'
  let [ended, failure]: [boolean, Error | undefined] = [false, undefined]
  let wake: (() => void) | undefined

  const onread: OnReadOpts = {
    buffer() {
      if (end === piece.length) {
        full.push({ bytes: piece, begin })
        piece = spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
        begin = 0
        end = 0
      }
      return piece.subarray(end)
    },
    // Says whether more may come.
    callback(count) {
      end += count
      if (phase === 'head') return seekHead()
      if (phase === 'passing') return pass()
      // Only after all that comes at once, so that it is taken as one piece.
      if (wake) setImmediate(wake)
      wake = undefined
      return phase === 'body' && full.length < mostPieces
    },
  }
  /** All that came, and at most one piece; nothing when there is none. */
  const next = (): Buffer => {
    if (lent) spare.push(lent)
    lent = undefined
    for (let first = full.shift(); first; first = full.shift()) {
      if (first.begin === first.bytes.length) {
        spare.push(first.bytes)
        continue
      }
      lent = first.bytes
      return first.bytes.subarray(first.begin)
    }
    const rest = piece.subarray(begin, end)
    begin = end
    return rest
  }
  const seekHead = (): boolean => {
    const held = piece.subarray(begin, end)
    const at = held.indexOf(headEnd)
    if (at === -1) {
      if (held.length < mostHeadBytes && end < piece.length && !held.includes('\n\n')) return true
      // That is no head: the parser says it.
      phase = 'passing'
      return pass()
    }
    begin += at + headEnd.length
    // Another head follows blank lines, and what is only said meanwhile.
    const isLast = at > 0 && !/^HTTP\/1\.\d 1\d\d/.test(held.toString('latin1', 0, 12))
    if (isLast) phase = 'told'
    socket.push(Buffer.from(held.subarray(0, at + headEnd.length)))
    return isLast ? phase === 'body' : seekHead()
  }
  const pass = (): boolean => {
    let more = true
    for (let bytes = next(); bytes.length > 0; bytes = next()) more = socket.push(Buffer.from(bytes))
    return more
  }
  async function* bytes(length: number): AsyncGenerator<Buffer> {
    try {
      for (let missing = length; missing > 0; ) {
        const came = next().subarray(0, missing)
        tls.resume()
        if (came.length > 0) {
          missing -= came.length
          yield came
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
  const leave = () => {
    if (ended) return
    ended = true
    wake?.()
    if (phase === 'head' || phase === 'passing') {
      pass()
      socket.push(null)
    }
  }
  const servername = isIP(options.host) ? '' : options.host
  const tls = connect({ servername, ALPNProtocols: ['http/1.1'], ...options, ...{ onread } })
  tls.on('error', (error) => socket.destroy(error))
  tls.on('timeout', () => socket.emit('timeout'))
  tls.on('end', leave)
  tls.on('close', () => {
    leave()
    // What is passed on ends in its turn.
    if (phase === 'told' || phase === 'body') socket.destroy()
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
      // The parser has to be through with the head first.
      setImmediate(() => {
        if (pass()) tls.resume()
        if (ended) socket.push(null)
      })
    },
  }
}

function hungUp(): Error {
  return Object.assign(new Error('the connection was closed before all had come'), { code: 'ECONNRESET' })
}
