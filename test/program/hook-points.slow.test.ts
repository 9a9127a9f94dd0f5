import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const points = [
  'pre_extraction',
  'post_extraction',
  'pre_fix',
  'post_fix',
  'pre_convert',
  'post_convert',
  'post_validate',
  'pre_publish',
  'post_publish',
] as const

const types = ['script', 'python', 'node', 'http'] as const

/** What each hook notes of its context: a line of a file, and for http a request that writes one. */
const noted = 'stage machine os firmware output_filename attempt'.split(' ')
const line = noted.map((name) => `{{ ${name} }}`).join(' ')

interface Hook {
  readonly type: (typeof types)[number]
  readonly [key: string]: unknown
}

function hooksOf(port: number): readonly Hook[] {
  const token = { env: 'NOTES_TOKEN' }
  return [
    { type: 'script', name: 's', path: '../hooks/note.sh', args: [`script ${line} {{ hook }}`], env: { TOKEN: token } },
    {
      type: 'python',
      name: 'p',
      module: 'note',
      function: 'note',
      pythonpath: '../hooks',
      args: { line: `python ${line} {{ hook }}` },
    },
    { type: 'node', name: 'n', path: '../hooks/note.mjs', args: { line: `node ${line} {{ hook }}` } },
    {
      type: 'http',
      name: 'h',
      url: `http://127.0.0.1:${port}/{{ machine }}`,
      allow_hosts: [`127.0.0.1:${port}`],
      headers: { authorization: token },
      body: { line: `http ${line} {{ hook }}` },
    },
  ]
}

async function listen(lines: string[]): Promise<number> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const { line: told } = JSON.parse(body) as { readonly line: string }
      lines.push(`${request.method} ${request.url} ${request.headers.authorization} ${told}`)
      response.end('ok canary-7f3a')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function workspace(hooks: object): string {
  const folder = makeWorkspace({
    'hooks/note.sh': '#!/bin/sh\necho "$1" >> ../told\necho "the token is $TOKEN"\n',
    'hooks/note.py':
      'def note(line, context):\n  open("../told", "a").write(line + "\\n")\n  return context["machine"] == "a"\n',
    'hooks/note.mjs':
      'import { appendFileSync } from "node:fs"\nexport default (context, { line }) => { appendFileSync("../told", line + "\\n"); return context.vm_name === "a" }\n',
    'manifests/a.json': JSON.stringify({
      manifest_version: '1.0',
      source: { provider: 'local' },
      vm: { cpu: 1, mem_gb: 1, os_hint: 'debian', firmware: 'uefi' },
      disks: [{ id: 'boot', source_format: 'vmdk', bytes: 4194304, local_path: '../disk.vmdk' }],
      pipeline: { convert: { enabled: true }, validate: { enabled: true } },
      hooks,
    }),
  })
  chmodSync(join(folder, 'hooks/note.sh'), 0o755)
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  return folder
}

test('every type of hook at every point runs once, in order, with its context, and no secret shows', async () => {
  const requests: string[] = []
  const hooks = hooksOf(await listen(requests))
  const folder = workspace(Object.fromEntries(points.map((point) => [point, hooks])))
  const env = { NOTES_TOKEN: 'canary-7f3a' }
  const { exitCode, stdout, stderr } = await h2k(folder, ['apply', '--auto-approve', '--json'], env)
  expect(exitCode, stderr).toBe(0)

  const context = (point: string) => `${point} a debian uefi boot.qcow2 1`
  const local = points.flatMap((point) =>
    ['script', 'python', 'node'].map((type) => `${type} ${context(point)} ${type[0]}`),
  )
  expect(readFileSync(join(folder, 'told'), 'utf8').trimEnd().split('\n')).toEqual(local)
  expect(requests).toEqual(points.map((point) => `POST /a canary-7f3a http ${context(point)} h`))
  const events = stdout.split('\n').filter((text) => text.includes('"hook_done"'))
  expect(
    events.map((text) => JSON.parse(text)).map(({ point, hook, outcome }) => `${point} ${hook} ${outcome}`),
  ).toEqual(points.flatMap((point) => types.map((type) => `${point} ${type[0]} succeeded`)))

  // Everything that h2k wrote, the state and the log of the run among it.
  const written = readdirSync(join(folder, '.h2k'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, '.h2k', name),
  )
  for (const path of written.filter((name) => statSync(name).isFile())) {
    expect(readFileSync(path).includes('canary-7f3a'), path).toBe(false)
  }
  expect(`${stdout}${stderr}`).not.toContain('canary-7f3a')

  expect((await h2k(folder, ['apply', '--auto-approve'], env)).exitCode).toBe(0)
  expect(requests, 'nothing changed, so nothing runs').toHaveLength(points.length)
})

test.each(types)('on_failure: a hook of type %s hears of the stage that failed, once', async (type) => {
  const requests: string[] = []
  const hook = hooksOf(await listen(requests)).find((one) => one.type === type)
  const folder = workspace({ pre_convert: [{ type: 'script', path: '/bin/false' }], on_failure: [hook] })
  const env = { NOTES_TOKEN: 'canary-7f3a' }
  expect((await h2k(folder, ['apply', '--auto-approve'], env)).exitCode).toBe(1)
  const told = type === 'http' ? requests : readFileSync(join(folder, 'told'), 'utf8').trimEnd().split('\n')
  expect(told).toEqual([expect.stringContaining(`${type} on_failure a debian uefi boot.qcow2 1`)])
})
