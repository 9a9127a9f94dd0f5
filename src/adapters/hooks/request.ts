import { lookup as systemLookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { problem } from '../../core/problem.ts'
import { isDenied } from './address.ts'

/** The addresses of a host name. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>

export const lookupHost: Lookup = (host) => systemLookup(host, { all: true })

export interface Request {
  /** Names the hook in messages. */
  readonly sender: string
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Response {
  readonly status: number
  readonly location?: string
  /** The first part of it. */
  readonly body: string
}

const maxBodyBytes = 1024 * 1024

/**
 * Sends one request and follows nothing. The address that is connected to is one that was checked: there is no second
 * look-up between the check and the connection.
 * @throws ProblemError HOOK_URL_DENIED; Node's errors of the network
 */
export async function send(
  request: Request,
  allowHosts: readonly string[],
  lookup: Lookup,
  signal: AbortSignal,
): Promise<Response> {
  const { url, method, headers, body } = request
  const allowed = isAllowed(url, allowHosts)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // Node connects to an address without looking it up.
  if (!allowed && isIP(host) !== 0 && isDenied(host)) throw deniedUrl(request, host)
  const start = url.protocol === 'https:' ? requestHttps : requestHttp
  return await new Promise<Response>((resolve, reject) => {
    const sent = start(url, { method, headers, signal, agent: false, lookup: checkedLookup(request, allowed, lookup) })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response
      readBounded(response).then(
        (text) =>
          resolve({ status, body: text, ...(answered.location === undefined ? {} : { location: answered.location }) }),
        reject,
      )
    })
    sent.end(body)
  })
}

function checkedLookup(request: Request, allowed: boolean, lookup: Lookup): LookupFunction {
  return (host, options, callback) => {
    lookup(host).then(
      (found) => {
        const wrong = allowed ? undefined : found.find(({ address }) => isDenied(address))
        const [first] = found
        if (wrong !== undefined) callback(deniedUrl(request, wrong.address), [])
        else if (first === undefined)
          callback(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), [])
        else if (options.all) callback(null, [...found])
        else callback(null, first.address, first.family)
      },
      (error) => callback(error, []),
    )
  }
}

/** Whether `host` or `host:port` of the URL is among those that are allowed by name. */
function isAllowed(url: URL, allowHosts: readonly string[]): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return allowHosts.some((entry) => {
    const text = `http://${isIP(entry) === 6 ? `[${entry}]` : entry}`
    if (!URL.canParse(text) || new URL(text).hostname !== url.hostname) return false
    // The parser leaves out port 80.
    const named = /:(\d+)$/.exec(text.replace(/\[.*\]/, ''))?.[1]
    return named === undefined || Number(named) === Number(port)
  })
}

function deniedUrl({ sender, url: { host, hostname } }: Request, address: string) {
  const is = hostname.replace(/^\[|\]$/g, '') === address ? 'is' : `is ${address},`
  return problem('HOOK_URL_DENIED', `${sender}: ${host} ${is} an address of this host, its link or its cloud`, {
    hint: `name ${host} in allow_hosts if the hook is to reach it`,
  })
}

async function readBounded(response: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response) {
    const taken = chunk.subarray(0, maxBodyBytes - bytes)
    bytes += taken.byteLength
    text += decoder.decode(taken, { stream: true })
    // Leaving the loop closes the connection.
    if (bytes >= maxBodyBytes) break
  }
  return text + decoder.decode()
}
