import type { IncomingHttpHeaders } from 'node:http'
import { Agent } from 'node:https'
import type { FileIdentity } from '../../core/image.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import type { Stretch, Web, WebFile } from '../../ports/web.ts'
import { optionsFor, type WebConnection } from './credentials.ts'
import { type Answer, addressName, request } from './request.ts'

export interface WebNeeds {
  readonly connections: readonly WebConnection[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly idleSeconds?: number
}

/** Who cannot be asked for parts is asked for everything, and only so much of it is waited for. */
const mostSkippedBytes = 16 * 2 ** 20
const settledMilliseconds = 60_000
/** Small parts are asked for over so many connections at a time. */
const partConnections = 4
/** A connection that nobody needs is closed after so long: what is between may forget it without a word. */
const keptMilliseconds = 5000

/** Web servers. Each answer is compared with what the file was when it was looked at. */
export function createWeb({ connections, environment, idleSeconds }: WebNeeds): Web {
  const ask = (address: string, range: string | undefined, signal: AbortSignal, agent?: Agent): Promise<Answer> => {
    const url = new URL(address)
    const { headers, ...options } = optionsFor(url, connections, environment)
    const all = { ...headers, ...(range === undefined ? {} : { range }) }
    const rest = { ...(idleSeconds ? { idleSeconds } : {}), ...(agent ? { agent } : {}) }
    return request(url, { ...options, headers: all, ...rest }, signal)
  }
  const kept = new Agent({ keepAlive: true, maxSockets: partConnections, timeout: keptMilliseconds })
  const open = async (
    { name, identity, ranges }: WebFile,
    stretch: Stretch | undefined,
    signal: AbortSignal,
    agent?: Agent,
  ) => {
    if (stretch && !ranges) throw new Error(`${name} cannot be asked for in parts`)
    const range = stretch && `bytes=${stretch.offsetBytes}-${stretch.offsetBytes + stretch.lengthBytes - 1}`
    const { status, headers, bytes } = await ask(identity.path, range, signal, agent)
    try {
      const now = identityOf(identity.path, status, headers)
      if (now.bytes !== identity.bytes || now.modified !== identity.modified) throw changed(name, identity, now)
      if (stretch && !beginsAt(headers, stretch.offsetBytes)) {
        throw problem('SOURCE_UNREADABLE', `${name} was asked for a part, and another one came`)
      }
    } catch (error) {
      bytes.close()
      throw error
    }
    return bytes
  }
  return {
    async look(address, signal) {
      // A part instead of HEAD, which signed addresses and some servers refuse.
      const { status, headers, bytes } = await ask(address, 'bytes=0-0', signal)
      bytes.close()
      const identity = identityOf(address, status, headers)
      const ranges = status === 206
      const resumable = ranges && isSettled(headers)
      return { name: addressName(new URL(address)), identity, ranges, resumable }
    },
    open,
    async read(file, { offsetBytes, lengthBytes }, signal) {
      const from = file.ranges ? 0 : offsetBytes
      if (from + lengthBytes > mostSkippedBytes) throw noParts(file)
      const part = file.ranges ? { offsetBytes, lengthBytes } : undefined
      const bytes = await open(file, part, signal, part && kept)
      try {
        const pieces: Buffer[] = []
        let there = 0
        for await (const piece of bytes) {
          pieces.push(Buffer.from(piece))
          there += piece.length
          // A connection is only kept when all that was asked for was read.
          if (part ? there > lengthBytes : there >= from + lengthBytes) break
        }
        if (there >= from + lengthBytes) return Buffer.concat(pieces).subarray(from, from + lengthBytes)
        throw problem(
          'SOURCE_UNREADABLE',
          `${file.name} ended at byte ${offsetBytes - from + there}, not ${file.identity.bytes}`,
        )
      } catch (error) {
        signal.throwIfAborted()
        throw error instanceof Error && 'code' in error ? brokeOff(file, error) : error
      } finally {
        bytes.close()
      }
    },
  }
}

/** What a server tells of a file: its ETag, and where that is none that is strong, when it was changed. A validator that is weak is good enough to see a change. */
function identityOf(address: string, status: number, headers: IncomingHttpHeaders): FileIdentity {
  const length =
    status === 206 ? /^bytes \d+-\d+\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length']
  if (length === undefined || !/^\d+$/.test(length)) {
    throw problem('SOURCE_UNREADABLE', `${addressName(new URL(address))}: its server does not say how long it is`, {
      hint: 'let the server send Content-Length, or download it and name the file',
    })
  }
  const { etag, 'last-modified': written } = headers
  const told = etag !== undefined && isStrong(etag) ? [etag] : [etag, written]
  const modified = told.filter((one) => one !== undefined).join(' ')
  return { path: address, bytes: Number(length), modified }
}

/**
 * Whether two parts under these validators are parts of the same bytes (RFC 9110, 8.8): a weak ETag does not say so, nor does a
 * date within the second of which the file may be written once more.
 */
function isSettled({ etag, 'last-modified': modified = '', date = '' }: IncomingHttpHeaders): boolean {
  if (etag !== undefined && isStrong(etag)) return true
  return Date.parse(date) - Date.parse(modified) >= settledMilliseconds
}

function isStrong(etag: string): boolean {
  return !etag.startsWith('W/')
}

function beginsAt(headers: IncomingHttpHeaders, offset: number): boolean {
  return headers['content-range']?.startsWith(`bytes ${offset}-`) ?? false
}

function changed(name: string, was: FileIdentity, is: FileIdentity): ProblemError {
  const told = ({ bytes, modified }: FileIdentity) => `${bytes} bytes, ${modified || 'no ETag'}`
  return problem('SOURCE_CHANGED', `${name} is another file than before`, {
    detail: `was ${told(was)}, is ${told(is)}`,
    hint: 'plan again',
  })
}

function noParts({ name }: WebFile): ProblemError {
  return problem('SOURCE_UNREADABLE', `${name} cannot be asked for in parts: its server takes no Range`, {
    hint: 'put it on a server that does, or download it and name the file',
  })
}

function brokeOff({ name }: WebFile, error: Error): ProblemError {
  return problem('SOURCE_UNREADABLE', `${name} broke off: ${error.message}`, {
    hint: 'see whether the server answers, then run the same again',
  })
}
