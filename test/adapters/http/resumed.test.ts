import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { resumed } from '../../../src/adapters/http/resumed.ts'
import { createWeb } from '../../../src/adapters/http/web.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { never } from '../image-header/images.ts'
import { servedDisk } from './served-disk.ts'

const { content, server } = servedDisk()

interface Asked {
  /** Seconds before each new try. */
  readonly waits: readonly number[]
  readonly signal?: AbortSignal
  /** Called when the first bytes are here, and more are on their way. */
  begun?(): void
}

async function received({ waits, signal = never, begun }: Asked): Promise<Buffer> {
  const connection = { name: 'images', url: `${server().address}/`, caFile: server().caFile }
  const web = createWeb({ connections: [connection], environment: {}, idleSeconds: 1 })
  const file = await web.look(`${server().address}/disk.raw`, never)
  if (begun) server().behaviour.millisecondsPerPiece = 20
  const pieces: Buffer[] = []
  for await (const piece of resumed(web, file, undefined, signal, waits)) {
    if (pieces.length === 0) begun?.()
    pieces.push(Buffer.from(piece))
  }
  return Buffer.concat(pieces)
}

const restart = () => {
  server().stop()
  void server().start()
}

test('a server that is away is asked again until it is back', async () => {
  const waits = [0.1, 0.1, 0.2, 0.4, 0.8]
  const begun = () => {
    server().stop()
    void sleep(500).then(server().start)
  }
  expect((await received({ waits, begun })).equals(content)).toBe(true)
})

test('a connection that breaks is taken up as often again whenever some more came', async () => {
  server().behaviour.breakAfter = { bytes: 400_000, times: 6 }
  expect((await received({ waits: [0.01, 0.01] })).equals(content)).toBe(true)
})

test.each([503, 429])('a server that answers with %i for a while is in trouble that passes', async (refusesParts) => {
  const begun = () => {
    Object.assign(server().behaviour, { refusesParts })
    restart()
    setTimeout(() => delete server().behaviour.refusesParts, 300)
  }
  expect((await received({ waits: [0.1, 0.2, 0.4, 0.8], begun })).equals(content)).toBe(true)
})

test('a server that never is back is given up, and the problem says how often it was asked', async () => {
  const problems = await received({ waits: [0.01, 0.02], begun: server().stop }).then(() => undefined, problemsOf)
  await server().start()
  expect(problems).toMatchObject([
    {
      code: 'SOURCE_UNREADABLE',
      summary: expect.stringMatching(/disk\.raw broke off at byte [1-9]\d+, and 2 tries to go on brought nothing$/),
      detail: expect.stringContaining('ECONNREFUSED'),
    },
  ])
})

test('a server that wants to know who asks by then is asked no more, and the problem says what to do', async () => {
  const begun = () => {
    server().behaviour.authorization = 'Bearer word'
    restart()
  }
  const problems = await received({ waits: [0.1, 60], begun }).then(() => undefined, problemsOf)
  expect(problems).toMatchObject([{ code: 'SOURCE_UNREADABLE', hint: expect.stringContaining('connection "images"') }])
})

test('who stops it while it waits is heard at once', async () => {
  const stopped = new AbortController()
  const begun = () => {
    server().stop()
    setTimeout(() => stopped.abort(), 300)
  }
  await expect(received({ waits: [60], signal: stopped.signal, begun })).rejects.toThrow(/abort/i)
  await server().start()
})
