import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { problem } from '../../core/problem.ts'

export interface DownloadOptions {
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca?: string
  /** Such as the cookie of a session. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What a server sends, to be read once. */
export interface Download {
  readonly bytes: Readable
  /** As the server says; undefined when it does not know before. */
  readonly lengthBytes?: number
}

const seconds = 60

/**
 * Asks for a file, by https, or by http from this host itself. Follows nothing: who names a server means that one.
 * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE
 */
export async function download(url: URL, { ca, headers }: DownloadOptions, signal: AbortSignal): Promise<Download> {
  const name = url.host + url.pathname
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw problem('SOURCE_UNREADABLE', `${name} is not asked for without TLS`, { hint: 'name an https:// address' })
  }
  const start = url.protocol === 'https:' ? requestHttps : requestHttp
  return await new Promise<Download>((resolve, reject) => {
    const sent = start(url, {
      signal,
      agent: false,
      timeout: seconds * 1000,
      ...(ca ? { ca } : {}),
      ...(headers ? { headers } : {}),
    })
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${seconds} s`)))
    sent.on('error', (error) => {
      if (signal.aborted) reject(signal.reason)
      else reject(problem('SOURCE_UNREADABLE', `${name} cannot be read: ${error.message}`))
    })
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers: said } = response
      if (status === 200) {
        const length = said['content-length']
        resolve({ bytes: response, ...(length === undefined ? {} : { lengthBytes: Number(length) }) })
        return
      }
      response.destroy()
      const missing = status === 404 || status === 410
      reject(problem(missing ? 'SOURCE_MISSING' : 'SOURCE_UNREADABLE', `${name} answers with status ${status}`))
    })
    sent.end()
  })
}
