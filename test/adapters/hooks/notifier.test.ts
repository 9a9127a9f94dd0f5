import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createNotifier } from '../../../src/adapters/hooks/notifier.ts'
import type { Notice, NoticeTarget } from '../../../src/core/notice.ts'

const seen: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = []
let statuses: number[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  seen.push({ headers: request.headers, body })
  response.statusCode = statuses.shift() ?? 200
  response.end('no')
})
beforeAll(() => new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle)))
afterAll(() => server.closeAllConnections())
beforeEach(() => {
  seen.length = 0
  statuses = []
})

const never = new AbortController().signal
const notice: Notice = {
  event: 'failure',
  workspace: 'exit',
  runId: 'r1',
  at: '2026-03-01T10:00:00.000Z',
  summary: '25 machines failed',
  machines: Array.from({ length: 25 }, (_, at) => ({
    name: `<!channel> & ${at}`,
    subject: 'convert',
    message: 'full',
  })),
}
const target = (over: Partial<NoticeTarget> = {}): NoticeTarget => ({
  name: 'ops',
  type: 'webhook',
  url: { env: 'HOOK' },
  on: ['failure'],
  headers: { Authorization: { env: 'TOKEN' } },
  allowHosts: ['127.0.0.1'],
  ...over,
})
const port = () => (server.address() as AddressInfo).port
const send = (over: Partial<NoticeTarget> = {}, environment: Record<string, string> = {}) => {
  const given = { HOOK: `http://127.0.0.1:${port()}/canary-path`, TOKEN: 'hunter22-canary', ...environment }
  return createNotifier({ environment: given, delaySeconds: 0.001 }).send(notice, target(over), never)
}

test('posts JSON with what is needed to act on it, and says how much it left out', async () => {
  expect(await send()).toBeUndefined()
  expect(seen).toHaveLength(1)
  expect(seen[0]?.headers).toMatchObject({ authorization: 'hunter22-canary', 'content-type': 'application/json' })
  const body = JSON.parse(seen[0]?.body ?? '')
  expect(body).toMatchObject({ h2k_notification: '1.0', event: 'failure', run_id: 'r1', machines_left_out: 5 })
  expect(body.machines).toHaveLength(20)
  expect(body.machines[0]).toEqual({
    machine: '<!channel> & 0',
    address: 'machine.<!channel> & 0',
    subject: 'convert',
    message: 'full',
  })
})

test('writes to Slack in its words, in which no name mentions anybody', async () => {
  expect(await send({ type: 'slack' })).toBeUndefined()
  const { text } = JSON.parse(seen[0]?.body ?? '')
  expect(text).toMatch(/^\*exit\*: 25 machines failed\n• machine\.&lt;!channel&gt; &amp; 0, convert: full\n/)
  expect(text).toMatch(/\nand 5 machines more$/)
})

test('tries three times where it can help, once where it cannot', async () => {
  statuses = [500, 429]
  expect(await send()).toBeUndefined()
  expect(seen).toHaveLength(3)
  statuses = [500, 500, 500, 500]
  expect(await send()).toMatchObject({ severity: 'warning', code: 'NOTIFICATION_FAILED' })
  expect(seen).toHaveLength(6)
  statuses = [404]
  expect((await send())?.summary).toBe(`notification "ops": 127.0.0.1:${port()} answered with status 404`)
  expect(seen).toHaveLength(7)
  // A redirect would lead what was meant for one server to another.
  statuses = [302]
  expect((await send())?.summary).toContain('answered with status 302')
})

test('refuses servers of this host that are not allowed by name, and never says a secret', async () => {
  const denied = await send({ allowHosts: [] })
  expect(denied).toMatchObject({ severity: 'warning', code: 'HOOK_URL_DENIED' })
  const metadata = await send({ allowHosts: [], url: 'http://169.254.169.254/latest' })
  expect(metadata?.code).toBe('HOOK_URL_DENIED')
  const gone = await send({}, { HOOK: 'http://127.0.0.1:1/canary-path' })
  expect(gone?.summary).toContain('cannot be reached: ECONNREFUSED')
  const wrong = await send({}, { HOOK: 'hooks.slack.example/canary-path' })
  const missing = await send({ url: { env: 'NOT_SET' } })
  expect(missing?.summary).toBe('notification "ops": the environment variable NOT_SET is not set')
  expect(seen).toEqual([])
  expect(JSON.stringify([denied, metadata, gone, wrong, missing])).not.toMatch(/canary/)
})
