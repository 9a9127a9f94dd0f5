import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Lookup } from '../../../src/adapters/hooks/request.ts'
import { context, hookWorld } from './hook-world.ts'

interface Seen {
  readonly request: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A web server on this host that notes what it is asked. */
function webServer() {
  const seen: Seen[] = []
  let answer: (request: Seen, response: ServerResponse) => void
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { request: `${request.method} ${request.url}`, headers: request.headers, body }
    seen.push(one)
    answer(one, response)
  })
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  beforeEach(() => {
    seen.length = 0
    answer = (_, response) => response.end('ok')
  })
  afterAll(() => server.closeAllConnections())
  return {
    seen,
    get port() {
      return (server.address() as AddressInfo).port
    },
    answers(how: typeof answer) {
      answer = how
    },
  }
}

const server = webServer()
const other = webServer()
const asked: string[] = []
let lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }]
const world = hookWorld({
  environment: { TOKEN: 'hunter22-canary', HOOK_URL: 'http://hook.lab/canary-path' },
  lookup: (host) => {
    asked.push(host)
    return lookup(host)
  },
})
beforeEach(() => {
  asked.length = 0
  lookup = async () => [{ address: '127.0.0.1', family: 4 }]
})

/** Asks the server by the name hook.lab, which is allowed. */
const post = (more: object = {}, rest = {}) => {
  const url = `http://hook.lab:${server.port}/`
  return world.run({ type: 'http', url, allow_hosts: ['hook.lab', `127.0.0.1:${server.port}`], ...more }, rest)
}
const redirectTo = (status: number, location: () => string) => (one: Seen, response: ServerResponse) => {
  if (one.request.endsWith('/')) response.writeHead(status, { location: location() }).end()
  else response.end('arrived')
}

describe('a request', () => {
  it('has the method, headers and JSON body that the hook gives', async () => {
    const headers = { 'X-Machine': '{{ machine }}!', Authorization: { env: 'TOKEN' } }
    const body = { '{{ os }}': ['{{ vm_name }}', 1, { ok: true }] }
    const { outcome, output } = await post({ method: 'PUT', headers, body })
    expect([outcome, output]).toEqual(['succeeded', 'ok'])
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]).toMatchObject({
      request: 'PUT /',
      headers: { 'x-machine': '!', authorization: 'hunter22-canary' },
    })
    expect(server.seen[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      host: `hook.lab:${server.port}`,
    })
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ '{{ os }}': [context.vm_name, 1, { ok: true }] })
  })

  it('is a POST without a body where nothing else is said', async () => {
    await post()
    expect(server.seen[0]).toMatchObject({ request: 'POST /', body: '' })
    expect(server.seen[0]?.headers).not.toHaveProperty('content-type')
  })

  it('has values in its URL that stay within their part', async () => {
    const told = { ...context, vm_name: '../admin?x=1#@evil.example\r\nX: y' }
    await post({ url: `http://hook.lab:${server.port}/vm/{{ vm_name }}/done` }, { told })
    expect(server.seen[0]?.request).toBe('POST /vm/..%2Fadmin%3Fx%3D1%23%40evil.example%0D%0AX%3A%20y/done')
  })

  it('is not sent with a header that is none', async () => {
    const { outcome, attempts, problem } = await post({
      headers: { 'X-A': '{{ vm_name }}' },
      retry: { max_retries: 2 },
    })
    expect([outcome, attempts, problem?.code, problem?.hint]).toEqual([
      'failed',
      1,
      'HOOK_FAILED',
      'end the template with | url_encode',
    ])
    expect(server.seen).toEqual([])
  })

  it.each([
    ['ftp://hook.lab/', /ftp: is neither http: nor https:/],
    ['file:///etc/passwd', /file: is neither/],
    ['http://me:pass@hook.lab/', /user name/],
    ['hook.lab/path', /its URL is none|neither/],
    ['{{ wave }}', /its URL is none/],
  ])('is not sent to %s', async (url, summary) => {
    const { problem, attempts } = await post({ url })
    expect([problem?.code, attempts]).toEqual(['HOOK_URL_DENIED', 1])
    expect(problem?.summary).toMatch(summary)
  })
})

describe('an address of this host', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '127.0.0.1.',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '169.254.169.254',
    '0xa9fea9fe',
    '[fe80::1]',
  ])('is refused as %s', async (host) => {
    const url = `http://${host}:${server.port}/`
    const { problem, attempts } = await post({ url, allow_hosts: [], retry: { max_retries: 2 } })
    expect([problem?.code, attempts]).toEqual(['HOOK_URL_DENIED', 1])
    expect(problem?.hint).toMatch(/^name .* in allow_hosts/)
    expect(server.seen).toEqual([])
  })

  it('is refused behind a name, also among good ones', async () => {
    lookup = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '::ffff:127.0.0.1', family: 6 },
    ]
    const { problem } = await post({ allow_hosts: ['other.lab'] })
    expect(problem?.code).toBe('HOOK_URL_DENIED')
    expect(problem?.summary).toContain(
      `hook "it": hook.lab:${server.port} is ::ffff:127.0.0.1, an address of this host`,
    )
  })

  it('is refused as localhost, by the host’s own look-up', async () => {
    const plain = hookWorld()
    const { problem } = await plain.run({ type: 'http', url: `http://localhost:${server.port}/` })
    expect(problem?.code).toBe('HOOK_URL_DENIED')
  })

  it.each([
    ['the host', () => ['127.0.0.1'], true],
    ['host and port', () => [`127.0.0.1:${server.port}`], true],
    ['another port', () => ['127.0.0.1:1'], false],
    ['another host', () => ['127.0.0.2', 'localhost'], false],
  ])('is allowed by %s only', async (_, hosts, allowed) => {
    const url = `http://127.0.0.1:${server.port}/`
    expect((await post({ url, allow_hosts: hosts() })).outcome).toBe(allowed ? 'succeeded' : 'failed')
    expect(server.seen).toHaveLength(allowed ? 1 : 0)
  })

  it('is not reached by an answer that changes after the check', async () => {
    // TEST-NET-1, where nobody answers.
    const answers = ['192.0.2.1', '127.0.0.1']
    lookup = async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]
    const { outcome } = await post({ allow_hosts: [], timeout: 0.3 })
    expect([outcome, asked, server.seen]).toEqual(['failed', ['hook.lab'], []])
  })

  it('is refused when a retry finds it', async () => {
    const answers = ['', '127.0.0.1']
    lookup = async () => {
      const address = answers.shift() ?? ''
      if (address === '') throw Object.assign(new Error('try again'), { code: 'EAI_AGAIN' })
      return [{ address, family: 4 }]
    }
    const { problem, attempts } = await post({ allow_hosts: [], retry: { max_retries: 5 } })
    expect([problem?.code, attempts, server.seen]).toEqual(['HOOK_URL_DENIED', 2, []])
  })
})

describe('a redirect', () => {
  it.each([
    [301, 'GET /next', ''],
    [302, 'GET /next', ''],
    [303, 'GET /next', ''],
    [307, 'POST /next', '{"a":1}'],
    [308, 'POST /next', '{"a":1}'],
  ])('%i is followed', async (status, request, body) => {
    server.answers(redirectTo(status, () => '/next'))
    const { outcome, output } = await post({ body: { a: 1 }, headers: { 'X-Kept': 'yes' } })
    expect([outcome, output]).toEqual(['succeeded', 'arrived'])
    expect(server.seen[1]).toMatchObject({ request, body, headers: { 'x-kept': 'yes' } })
  })

  it('to another server takes no headers along', async () => {
    server.answers(redirectTo(307, () => `http://hook.lab:${other.port}/next`))
    const headers = { Authorization: { env: 'TOKEN' }, Cookie: 'a=b', 'X-Api-Key': 'secret' }
    expect((await post({ body: { a: 1 }, headers })).outcome).toBe('succeeded')
    expect(other.seen[0]).toMatchObject({ request: 'POST /next', body: '{"a":1}' })
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(other.seen[0]?.headers).not.toHaveProperty(name)
  })

  it.each([
    ['this host', () => `http://127.0.0.1:${other.port}/next`],
    ['this host, written as a number', () => `http://2130706433:${other.port}/next`],
    ['a name of this host', () => `http://evil.lab:${other.port}/next`],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a file', () => 'file:///etc/passwd'],
  ])('to %s is refused', async (_, location) => {
    server.answers(redirectTo(302, location))
    const { problem, attempts } = await post({ retry: { max_retries: 2 } })
    expect([problem?.code, attempts, other.seen]).toEqual(['HOOK_URL_DENIED', 1, []])
  })

  it('is followed five times and no more', async () => {
    server.answers((_, response) => response.writeHead(302, { location: '/again' }).end())
    expect((await post()).problem?.summary).toMatch(/redirects more than 5 times$/)
    expect(server.seen).toHaveLength(6)
  })
})

describe('an answer', () => {
  it.each([
    [200, 'succeeded', 1],
    [204, 'succeeded', 1],
    [304, 'failed', 1],
    [404, 'failed', 1],
    [429, 'failed', 3],
    [503, 'failed', 3],
  ])('of status %i is %s after %i attempts', async (status, outcome, attempts) => {
    server.answers((_, response) => response.writeHead(status).end())
    expect(await post({ retry: { max_retries: 2 } })).toMatchObject({ outcome, attempts })
    expect(server.seen).toHaveLength(attempts)
  })

  it('that refuses is told with its words, safe to print', async () => {
    server.answers((_, response) => response.writeHead(400).end('no \u001b[31msuch\nmachine'))
    expect((await post()).problem).toMatchObject({
      code: 'HOOK_FAILED',
      summary: `hook "it": hook.lab:${server.port} answered with status 400`,
      detail: 'no \\u{1b}[31msuch\\u{a}machine',
    })
  })

  it('that does not end is cut', async () => {
    server.answers((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    })
    const { outcome, output } = await post({ timeout: 20 })
    expect([outcome, output.length]).toEqual(['succeeded', 1024 * 1024])
  })

  it.each([
    ['never comes', () => undefined],
    ['never ends', (_: Seen, response: ServerResponse) => void response.write('x')],
  ])('that %s is not waited for', async (_, answer) => {
    server.answers(answer)
    const { problem, attempts } = await post({ timeout: 0.2, retry: { max_retries: 1 } })
    expect([problem?.code, attempts]).toEqual(['HOOK_TIMEOUT', 2])
  })

  it('is not waited for when h2k is told to stop', async () => {
    const abort = new AbortController()
    server.answers(() => abort.abort('stop'))
    await expect(post({}, { signal: abort.signal })).rejects.toBe('stop')
  })

  it('that breaks off is tried again', async () => {
    server.answers((_, response) => (server.seen.length < 2 ? response.destroy() : response.end('ok')))
    expect(await post({ retry: { max_retries: 1 } })).toMatchObject({ outcome: 'succeeded', attempts: 2 })
  })
})

describe('a server that cannot be reached', () => {
  it('is tried again, and named', async () => {
    lookup = async () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    const { problem, attempts } = await post({ retry: { max_retries: 2 } })
    expect([attempts, problem?.code]).toEqual([3, 'HOOK_FAILED'])
    expect(problem?.summary).toBe(`hook "it": hook.lab:${server.port} cannot be reached: ENOTFOUND`)
  })

  it('may refuse at all of its addresses', async () => {
    lookup = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]
    const { problem } = await post({ url: 'http://hook.lab:1/' })
    expect(problem?.summary).toBe('hook "it": hook.lab:1 cannot be reached: ECONNREFUSED')
  })

  it('may speak something else', async () => {
    expect((await post({ url: `https://hook.lab:${server.port}/` })).problem?.code).toBe('HOOK_FAILED')
  })
})

it('shows no secret that a server answers with', async () => {
  server.answers(({ headers }, response) => response.writeHead(500).end(`you sent ${headers.authorization}`))
  const result = await post({ headers: { Authorization: { env: 'TOKEN' } }, retry: { max_retries: 1 } })
  expect(result.problem?.detail).toBe('you sent ***')
  expect(JSON.stringify(result)).not.toContain('hunter22')
})

it('shows no secret URL', async () => {
  lookup = async () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  const result = await post({ url: { env: 'HOOK_URL' } })
  expect(result.problem?.summary).toContain('cannot be reached')
  expect(JSON.stringify(result)).not.toContain('canary-path')
})
