import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

interface Told {
  readonly event: string
  readonly summary: string
  readonly run_id?: string
  readonly machines: readonly { readonly machine: string; readonly subject: string }[]
  readonly text?: string
}

/** A web server on this host that keeps what is posted to each of its paths. */
async function listener(status = 200) {
  const told = new Map<string, Told[]>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    told.set(request.url ?? '', [...(told.get(request.url ?? '') ?? []), JSON.parse(body)])
    response.statusCode = status
    response.end()
  })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  onTestFinished(() => void server.close())
  return {
    at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    on: (path: string) => told.get(path) ?? [],
  }
}

const workspaceFile = `h2k_version: 1
name: exit
waves: [{name: canary, machines: [a]}, {name: rest, machines: [b]}]
notifications:
  - {name: ops, type: webhook, url: {env: OPS}, allow_hosts: [127.0.0.1]}
  - {name: chat, type: slack, url: {env: CHAT}, on: [failure], allow_hosts: [127.0.0.1]}
`
const workspace = (more: Readonly<Record<string, string>> = {}) =>
  localWorkspace({
    'h2k.yaml': workspaceFile,
    'manifests/a.yaml': localManifest(),
    'manifests/b.yaml': localManifest('hooks: {pre_convert: [{type: script, path: /bin/false}]}\n'),
    ...more,
  })

test('ends of waves, failures and drift are told to whoever wants to hear of them', async () => {
  const { at, on } = await listener()
  const folder = workspace()
  const env = { OPS: `${at}/ops`, CHAT: `${at}/chat` }
  expect((await h2k(folder, ['apply', '--auto-approve'], env)).exitCode).toBe(3)
  expect(on('/ops').map(({ event, summary }) => [event, summary])).toEqual([
    ['wave', 'wave canary is done'],
    ['failure', 'machine.b failed in convert'],
    ['wave', 'wave rest has ended with failures'],
  ])
  expect(on('/ops')[1]).toMatchObject({
    run_id: expect.stringMatching(/./),
    machines: [{ machine: 'b', subject: 'convert' }],
  })
  expect(on('/chat').map(({ text }) => text)).toEqual([
    expect.stringMatching(/^\*exit\*: machine\.b failed in convert\n• .*HOOK_FAILED/),
  ])

  expect((await h2k(folder, ['drift'], env)).exitCode).toBe(0)
  expect(on('/ops')).toHaveLength(3)
  rmSync(join(folder, 'output/a/boot.qcow2'))
  expect((await h2k(folder, ['drift', '--detailed-exitcode'], env)).exitCode).toBe(2)
  expect(on('/ops').at(-1)).toMatchObject({ event: 'drift', summary: 'machine.a is no longer what was recorded' })
  expect(on('/chat')).toHaveLength(1)
})

test('who cannot be told is a warning, once, and nothing else goes otherwise', async () => {
  const { at } = await listener(500)
  const folder = workspace({ 'manifests/b.yaml': localManifest() })
  const { exitCode, stdout } = await h2k(folder, ['apply', '--auto-approve', '--metrics-file', 'run.prom'], {
    OPS: `${at}/ops`,
  })
  expect(exitCode, stdout).toBe(0)
  expect(
    stdout.match(/warning NOTIFICATION_FAILED: notification "ops": 127\.0\.0\.1:\d+ answered with status 500/g),
  ).toHaveLength(1)
  expect(stdout).not.toContain('CHAT')
  const metrics = readFileSync(join(folder, 'run.prom'), 'utf8')
  expect(metrics).toContain('h2k_run_machines{workspace="exit",status="done"} 2\n')
  expect(metrics).toMatch(/h2k_run_exit_code\{workspace="exit"\} 0\n[\s\S]*# EOF\n$/)
})

test('metrics that cannot be written are a warning', async () => {
  const folder = workspace({ 'h2k.yaml': 'h2k_version: 1\nname: exit\n', 'manifests/b.yaml': localManifest() })
  const { exitCode, stderr } = await h2k(folder, ['apply', '--auto-approve', '--metrics-file', '/proc/none/run.prom'])
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/warning FILE_UNREADABLE: \/proc\/none cannot be made/)
})
