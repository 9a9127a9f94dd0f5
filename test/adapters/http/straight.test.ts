import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { request } from '../../../src/adapters/http/request.ts'
import type { Arrival } from '../../../src/ports/web.ts'
import { localhostCertificate } from '../../support/certificate.ts'
import { sharedFolder } from '../image-header/images.ts'

const folder = sharedFolder()
const content = randomBytes(3_000_001)
const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`
const open = new Set<TLSSocket>()
let said = ''
let answer: (socket: TLSSocket) => void | Promise<void> = () => {}
let address = new URL('https://localhost')
let ca = ''
const server = createServer((socket) => {
  open.add(socket)
  socket.on('close', () => open.delete(socket)).on('error', () => undefined)
  socket.once('data', (bytes) => {
    said = String(bytes)
    void answer(socket)
  })
})

beforeAll(async () => {
  const { key, cert } = localhostCertificate(folder)
  ca = cert
  server.setSecureContext({ key, cert })
  await new Promise<void>((settle) => void server.listen(0, '127.0.0.1', settle))
  address = new URL(`https://localhost:${(server.address() as AddressInfo).port}/disk`)
})
afterAll(() => void server.close())

const asked = (signal = new AbortController().signal, idleSeconds = 20) => request(address, { ca, idleSeconds }, signal)
const allClosed = () => vi.waitFor(() => expect(open.size).toBe(0), { timeout: 10_000 })

async function all(bytes: Arrival, millisecondsPerPiece = 0): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of bytes) {
    if (millisecondsPerPiece > 0) await sleep(millisecondsPerPiece)
    pieces.push(Buffer.from(piece))
  }
  return Buffer.concat(pieces)
}

test.each([
  [
    'at once, closed behind it',
    (socket: TLSSocket) => void socket.end(head(content.length) + content.toString('latin1'), 'latin1'),
  ],
  [
    'byte by byte',
    async (socket: TLSSocket) => {
      for (const byte of Buffer.from(head(content.length)).subarray(0, -1)) {
        socket.write(Buffer.of(byte))
        await sleep(1)
      }
      socket.write('\n')
      for (let at = 0; at < content.length; at += 70_001) socket.write(content.subarray(at, at + 70_001))
    },
  ],
  [
    'behind what is said meanwhile',
    async (socket: TLSSocket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n')
      await sleep(20)
      socket.write(head(content.length))
      socket.write(content)
    },
  ],
  [
    'in chunks, without a length',
    (socket: TLSSocket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n')
      for (let at = 0; at < content.length; at += 100_000) {
        const part = content.subarray(at, at + 100_000)
        socket.write(`${part.length.toString(16)}\r\n`)
        socket.write(part)
        socket.write('\r\n')
      }
      socket.end('0\r\n\r\n')
    },
  ],
  [
    'in one chunk, with its head',
    (socket: TLSSocket) => {
      const start = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${content.length.toString(16)}\r\n`
      socket.write(`${start}${content.toString('latin1')}\r\n0\r\n\r\n`, 'latin1')
    },
  ],
  [
    'with its head, until the connection ends',
    (socket: TLSSocket) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${content.toString('latin1')}`, 'latin1'),
  ],
  [
    'until the connection ends',
    (socket: TLSSocket) => {
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
      socket.end(content)
    },
  ],
])('a body is what was sent: %s', async (_, sends) => {
  answer = sends
  for (const slow of [0, 2]) {
    const { bytes } = await asked()
    expect((await all(bytes, slow)).equals(content)).toBe(true)
    bytes.close()
  }
  await allClosed()
})

test('a body of nothing is over at once', async () => {
  answer = (socket) => void socket.write(head(0))
  expect(await all((await asked()).bytes)).toHaveLength(0)
})

test('what comes behind a body is not taken for it', async () => {
  answer = (socket) => void socket.write(`${head(4)}diskHTTP/1.1 200 OK`)
  expect(String(await all((await asked()).bytes))).toBe('disk')
})

test('a body that breaks off is given as far as it came, and then it is an error', async () => {
  answer = (socket) => void socket.end(head(content.length) + content.toString('latin1', 0, 500_000), 'latin1')
  const { bytes } = await asked()
  let came = 0
  const taken = (async () => {
    for await (const piece of bytes) came += piece.length
  })()
  await expect(taken).rejects.toThrow('closed before all had come')
  expect(came).toBe(500_000)
})

test('a piece keeps what it holds until the next is asked for, however much comes meanwhile', async () => {
  answer = (socket) => void socket.write(head(content.length) + content.toString('latin1'), 'latin1')
  const { bytes } = await asked()
  let at = 0
  for await (const piece of bytes) {
    await sleep(3)
    expect(piece.equals(content.subarray(at, at + piece.length))).toBe(true)
    at += piece.length
  }
  expect(at).toBe(content.length)
})

test.each([8000, 11_000, 13_000, 16_000, 16_384])(
  'what came before the first piece is asked for is kept, by %i bytes',
  async (record) => {
    answer = async (socket) => {
      socket.setNoDelay().write(head(content.length))
      for (let at = 0; at < content.length; at += record) {
        if (!socket.write(content.subarray(at, at + record)))
          await new Promise((settle) => socket.once('drain', settle))
      }
    }
    const { bytes } = await asked()
    await sleep(100)
    expect((await all(bytes)).equals(content)).toBe(true)
  },
)

test('who is not read is not taken into memory', async () => {
  let sent = 0
  answer = async (socket) => {
    socket.write(head(2 ** 30))
    for (; !socket.destroyed && sent < 2 ** 30; sent += 2 ** 20) {
      if (!socket.write(Buffer.alloc(2 ** 20)))
        await new Promise((settle) => socket.once('drain', settle).once('close', settle))
    }
  }
  const { bytes } = await asked()
  for await (const _ of bytes) {
    await sleep(300)
    break
  }
  expect(sent).toBeLessThan(64 * 2 ** 20)
  await allClosed()
})

test.each([
  ['says nothing more', /nothing came for 1 s/, () => undefined],
  ['is stopped', /enough/, (stop: AbortController) => stop.abort(new Error('enough'))],
])('a body whose server %s ends with that', async (_, message, then) => {
  answer = (socket) => void socket.write(`${head(1000)}disk`)
  const stop = new AbortController()
  const { bytes } = await asked(stop.signal, 1)
  const taken = all(bytes).catch((error: Error) => {
    throw error.name === 'AbortError' ? error.cause : error
  })
  then(stop)
  await expect(taken).rejects.toThrow(message)
  await allClosed()
})

test('what nobody reads is closed', async () => {
  answer = (socket) => void socket.write(`${head(1000)}disk`)
  const { bytes } = await asked()
  bytes.close()
  await allClosed()
})

test.each([
  ['nothing that HTTP knows', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ['lines of another kind', 'HTTP/1.1 200 OK\nContent-Length: 4\n\ndisk'],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(2 ** 15)}`],
  ['nothing', ''],
])('a server that says %s is refused', async (_, said) => {
  answer = (socket) => void socket.end(said)
  await expect(asked()).rejects.toThrow(/SOURCE_UNREADABLE: localhost:\d+\/disk cannot be read: /)
  await allClosed()
})

test('who stopped before is not connected', async () => {
  answer = () => expect.unreachable()
  await expect(asked(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  await allClosed()
})

test('a server is told by which name it was asked', async () => {
  answer = (socket) => void socket.write(head(0))
  await all((await asked()).bytes)
  expect(said).toContain(`\r\nhost: ${address.host}\r\n`)
})
