import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { type Agent, request as requestHttps } from 'node:https'
import { printable } from '../../core/printable.ts'
import { ProblemError, problem } from '../../core/problem.ts'
import type { Arrival } from '../../ports/web.ts'
import { connectStraight, type Straight } from './straight.ts'
import { trustedByHost } from './trusted.ts'

export interface RequestOptions {
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca?: string
  /** Such as the cookie of a session. */
  readonly headers?: Readonly<Record<string, string>>
  /** What to do about an answer that wants to know who asks. */
  readonly whoHint?: string
  /** A server that says nothing for so long is given up; 60 without it. */
  readonly idleSeconds?: number
  /** Keeps connections for the next request; without it each has its own. */
  readonly agent?: Agent
}

export interface Answer {
  readonly status: 200 | 206
  readonly headers: IncomingHttpHeaders
  readonly bytes: Arrival
}

const usualIdleSeconds = 60
const brokenConnection = new Set(['ECONNRESET', 'EPIPE'])
const unknownCertificate = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

/** SOURCE_UNREADABLE for trouble of a server, or of the way to it, that may be over when it is asked again. */
export class PassingTrouble extends ProblemError {
  constructor(summary: string, hint: string) {
    super([{ severity: 'error', code: 'SOURCE_UNREADABLE', summary, hint }])
  }
}

/** How messages name an address: without a query, which may hold a secret. */
export function addressName(url: URL): string {
  return printable(url.host + url.pathname)
}

/**
 * Asks for a file, by https, or by http from this host itself. Follows nothing: who names a server means that one.
 * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE
 */
export async function request(url: URL, options: RequestOptions, signal: AbortSignal): Promise<Answer> {
  const { agent, ...alone } = options
  const { ca, headers = {}, idleSeconds = usualIdleSeconds } = alone
  const name = addressName(url)
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw problem('SOURCE_UNREADABLE', `${name} is not asked for without TLS`, { hint: 'name an https:// address' })
  }
  const isSecure = url.protocol === 'https:'
  const start = isSecure ? requestHttps : requestHttp
  const timeout = idleSeconds * 1000
  const trusted = ca ? { ca } : isSecure ? { secureContext: trustedByHost() } : {}
  let straight: Straight | undefined
  const createConnection = () => {
    straight = connectStraight({ ...addressOf(url), ...trusted, timeout })
    return straight.socket
  }
  return await new Promise<Answer>((resolve, reject) => {
    const sent = start(url, {
      ...{ signal, timeout, ...trusted },
      ...(isSecure && !agent ? { createConnection } : { agent: isSecure && agent }),
      // Without an agent, Node takes 80 for the usual port, whose number is left out.
      headers: { host: url.host, 'accept-encoding': 'identity', 'user-agent': 'h2k', ...headers },
    })
    let answered: Arrival | undefined
    sent.on('timeout', () => {
      const silent = new Error(`nothing came for ${idleSeconds} s`)
      if (answered) answered.close(silent)
      else sent.destroy(silent)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason)
      // Its server had closed the kept connection, and this request was on its way then.
      else if (sent.reusedSocket && !answered && brokenConnection.has(error.code ?? '')) {
        resolve(request(url, alone, signal))
      } else reject(unreachable(name, error))
    })
    // Of what is neither an answer nor an error, such as another protocol.
    sent.on('close', () => reject(unreachable(name, new Error('it was no answer'))))
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers: said } = response
      if (status === 200 || status === 206) {
        const encoding = said['content-encoding'] ?? 'identity'
        if (encoding === 'identity') {
          answered = bodyOf(response, straight)
          return resolve({ status, headers: said, bytes: answered })
        }
        reject(
          problem('SOURCE_UNREADABLE', `${name} is sent ${printable(encoding)}-encoded, though nobody asked for it`),
        )
      } else reject(refusal(url, status, said, options))
      response.on('error', () => undefined).destroy()
    })
    sent.end()
  })
}

function addressOf({ hostname, port }: URL): { host: string; port: number } {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) }
}

function bodyOf(response: IncomingMessage, straight: Straight | undefined): Arrival {
  const { 'content-length': length, 'transfer-encoding': coding } = response.headers
  // Straight, it ends when the connection does, with a body that it never saw.
  response.on('error', () => undefined)
  if (straight && length !== undefined && coding === undefined) return straight.body(Number(length))
  straight?.passOn()
  return {
    [Symbol.asyncIterator]: () => response[Symbol.asyncIterator](),
    close(error) {
      response.destroy(error)
      straight?.socket.destroy()
    },
  }
}

function unreachable(name: string, { code = '', message }: NodeJS.ErrnoException): ProblemError {
  const summary = `${name} cannot be read: ${printable(message)}`
  if (unknownCertificate.has(code)) {
    const hint = 'name the CA of the server: ca_file of a connection of type https in h2k.yaml'
    return problem('SOURCE_UNREADABLE', summary, { hint })
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'CERT_HAS_EXPIRED') {
    return problem('SOURCE_UNREADABLE', summary, {
      hint: 'ask for it by the name that its certificate has, or renew that',
    })
  }
  return new PassingTrouble(summary, 'see whether the server answers, then run the same again')
}

function refusal(url: URL, status: number, said: IncomingHttpHeaders, { whoHint }: RequestOptions): ProblemError {
  const name = addressName(url)
  const summary = `${name} answers with status ${status}`
  if (status === 404 || status === 410) return problem('SOURCE_MISSING', summary, { hint: 'check the address' })
  if (status === 416) return problem('IMAGE_CORRUPT', `${name} is empty`)
  if (status === 401 || status === 403) {
    return problem('SOURCE_UNREADABLE', summary, whoHint === undefined ? {} : { hint: whoHint })
  }
  if (status >= 300 && status < 400) {
    const target = said.location === undefined ? null : URL.parse(said.location, url.href)
    // It may hold a secret as its query does.
    const to = target ? printable(`${target.protocol}//${target.host}${target.pathname}`) : 'another address'
    return problem('SOURCE_UNREADABLE', `${summary}: it is at ${to}, and redirects are not followed`, {
      hint: 'name the address that it leads to',
    })
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new PassingTrouble(summary, 'the server is in trouble: run the same again later')
  }
  return problem('SOURCE_UNREADABLE', summary)
}
