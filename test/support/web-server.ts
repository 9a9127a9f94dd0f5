import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localhostCertificate } from './certificate.ts'

/** How the server behaves; may be changed between requests. */
export interface Behaviour {
  /** Takes no Range. */
  noRanges?: boolean
  /** Says no Content-Length. */
  noLength?: boolean
  /** Closes the connection after so many bytes of a body, so many times. */
  breakAfter?: { bytes: number; times: number }
  /** Wants this header. */
  authorization?: string
  /** Answers everything with a redirect there. */
  redirect?: string
  /** Waits so long before each piece of a body. */
  millisecondsPerPiece?: number
  /** Says nothing more after so many bytes. */
  silentAfter?: number
  /** Answers so to parts of more than a byte. */
  refusesParts?: number
  /** Says these as well, or instead. */
  headers?: Readonly<Record<string, string>>
}

export interface WebServer {
  /** Without a slash at its end. */
  readonly address: string
  /** PEM, also in a file. */
  readonly ca: string
  readonly caFile: string
  readonly behaviour: Behaviour
  /** Method, path and Range of each request. */
  readonly requests: { readonly path: string; readonly range?: string; readonly authorization?: string }[]
  /** How many were opened. */
  connections(): number
  /** Closes those that wait for a request. */
  closeIdle(): void
  /** Nobody answers at its address any more, and what is on its way breaks off. */
  stop(): void
  /** Answers there again. */
  start(): Promise<void>
  close(): void
}

/** A real HTTPS server on the loopback for the files of a folder, with ETag and Range, and a certificate of its own. */
export async function serveFolder(folder: string): Promise<WebServer> {
  const keys = mkdtempSync(join(tmpdir(), 'h2k-web-'))
  const { key, cert, caFile } = localhostCertificate(keys)
  const behaviour: Behaviour = {}
  const requests: WebServer['requests'] = []
  const server = createServer({ key, cert }, (request, response) => {
    const { range, authorization } = request.headers
    requests.push({
      path: request.url ?? '',
      ...(range === undefined ? {} : { range }),
      ...(authorization === undefined ? {} : { authorization }),
    })
    answer(folder, behaviour, request, response)
  })
  let connections = 0
  server.on('secureConnection', () => {
    connections += 1
  })
  const listen = (port: number) => new Promise<void>((settle) => void server.listen(port, '127.0.0.1', settle))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return {
    address: `https://localhost:${port}`,
    ...{ ca: cert, caFile, behaviour, requests },
    connections: () => connections,
    closeIdle: () => server.closeIdleConnections(),
    stop,
    start: () => listen(port),
    close() {
      stop()
      rmSync(keys, { recursive: true, force: true })
    },
  }
}

function answer(folder: string, behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): void {
  const { noRanges, noLength, authorization, redirect, refusesParts } = behaviour
  if (redirect !== undefined) return void response.writeHead(302, { location: redirect }).end()
  if (authorization !== undefined && request.headers.authorization !== authorization) {
    return void response.writeHead(401).end()
  }
  const path = join(folder, decodeURIComponent(request.url ?? ''))
  if (!existsSync(path)) return void response.writeHead(404).end()
  const { size, mtimeMs } = statSync(path)
  const wanted = noRanges ? undefined : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  const [start, end] = wanted ? [Number(wanted[1]), Math.min(Number(wanted[2]), size - 1)] : [0, size - 1]
  if (wanted && start >= size) return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
  if (wanted && refusesParts && end > start) return void response.writeHead(refusesParts).end()
  response.writeHead(wanted ? 206 : 200, {
    etag: `"${size}-${mtimeMs}"`,
    ...(wanted ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    ...(noLength ? {} : { 'content-length': end - start + 1 }),
    ...behaviour.headers,
  })
  if (size === 0) return void response.end()
  void send(createReadStream(path, { start, end }), behaviour, response)
}

async function send(bytes: AsyncIterable<Buffer>, behaviour: Behaviour, response: ServerResponse): Promise<void> {
  let sent = 0
  for await (const piece of bytes) {
    if (response.destroyed) return
    const { breakAfter, millisecondsPerPiece, silentAfter } = behaviour
    if (breakAfter && breakAfter.times > 0 && sent + piece.length > breakAfter.bytes) {
      breakAfter.times -= 1
      response.write(piece.subarray(0, breakAfter.bytes - sent), () => response.destroy())
      return
    }
    if (silentAfter !== undefined && sent >= silentAfter) return
    if (millisecondsPerPiece) await new Promise((settle) => setTimeout(settle, millisecondsPerPiece))
    sent += piece.length
    if (!response.write(piece)) await drained(response)
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((settle) => {
    const go = () => {
      response.off('drain', go).off('close', go)
      settle()
    }
    response.on('drain', go).on('close', go)
  })
}
