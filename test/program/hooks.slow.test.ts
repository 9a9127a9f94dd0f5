import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
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
]

function workspace(hooks: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = makeWorkspace({
    'manifests/web01.yaml': `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1, os_hint: debian12_64Guest}
disks: [{id: boot, source_format: vmdk, bytes: 4194304, local_path: ../disk.vmdk}]
pipeline: {convert: {enabled: true}, validate: {enabled: true}}
hooks:
${hooks}`,
    ...files,
  })
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  for (const name of Object.keys(files)) if (name.endsWith('.sh')) chmodSync(join(folder, name), 0o755)
  return folder
}

const appending = '#!/bin/sh\necho "$@" >> "$OUT"\n'
const scriptAt = (point: string, rest = '') =>
  `  ${point}: [{type: script, path: ../tell.sh, args: ["${point}", "{{ stage }}", "{{ machine }}", "{{ output_filename }}"], env: {OUT: "{{ pwd }}/told"}${rest}}]\n`

describe('hooks', () => {
  test('of every point run once, in order, with their context; a second apply runs none', async () => {
    const folder = workspace(points.map((point) => scriptAt(point)).join(''), { 'tell.sh': appending })
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toContain('hook pre_convert: pre_convert[0] (script tell.sh)')
    expect(existsSync(join(folder, 'told'))).toBe(false)
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe(
      points.map((point) => `${point} ${point} web01 boot.qcow2\n`).join(''),
    )
    await h2k(folder, ['apply', '--auto-approve'])
    expect(readFileSync(join(folder, 'told'), 'utf8').split('\n')).toHaveLength(points.length + 1)
  })

  test('of every type do their work', async () => {
    const requests: string[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (text) => {
        body += text
      })
      request.on('end', () => {
        requests.push(`${request.method} ${body}`)
        response.end('thanks')
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((settle) => server.once('listening', settle))
    const { port } = server.address() as { port: number }
    const folder = workspace(
      `  pre_convert:
    - {type: python, module: checks, function: size, args: {disk: "{{ disks[0].bytes }}"}}
    - {type: node, path: ../check.mjs, args: {os: "{{ os }}"}}
    - {type: http, url: "http://127.0.0.1:${port}/x", body: {vm: "{{ vm_name }}"}, allow_hosts: ["127.0.0.1:${port}"]}
`,
      {
        'manifests/checks.py': 'def size(disk):\n    return {"success": disk == "4194304", "output": "size " + disk}\n',
        'check.mjs':
          'export default (context, args) => args.os === "debian12_64Guest" && context.machine === "web01"\n',
      },
    )
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(requests).toEqual(['POST {"vm":"web01"}'])
    const [run = ''] = readdirSync(join(folder, '.h2k/logs'))
    expect(readFileSync(join(folder, '.h2k/logs', run, 'web01.log'), 'utf8')).toContain('size 4194304')
  })

  test('that fail end the stage and call on_failure; the next apply goes on there', async () => {
    const files = { 'tell.sh': appending, 'gate.sh': '#!/bin/sh\ntest -e "$1"\n' }
    const gate = '  post_convert: [{type: script, path: ../gate.sh, args: ["{{ pwd }}/open"]}]\n'
    const folder = workspace(gate + scriptAt('on_failure'), files)
    const failed = await h2k(folder, ['apply', '--auto-approve'])
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('machine.web01/convert error HOOK_FAILED')
    expect(readFileSync(join(folder, 'told'), 'utf8')).toContain('on_failure on_failure web01')
    writeFileSync(join(folder, 'open'), '')
    const again = await h2k(folder, ['apply', '--auto-approve'])
    expect(again.exitCode, again.stdout + again.stderr).toBe(0)
  })

  test('that may fail only warn, and those whose condition does not hold are skipped', async () => {
    const hooks = `  pre_convert:
    - {type: script, path: ../fail.sh, continue_on_error: true}
    - {type: script, path: ../fail.sh, when: 'os contains "windows"'}
`
    const folder = workspace(hooks, { 'fail.sh': '#!/bin/sh\nexit 3\n' })
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout).toContain('hook pre_convert pre_convert[0] failed')
    expect(ended.stdout).toContain('hook pre_convert pre_convert[1] skipped')
  })

  test('are part of the fingerprint: another text in the script runs its stage again', async () => {
    const folder = workspace(scriptAt('pre_publish'), { 'tell.sh': appending })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    writeFileSync(join(folder, 'tell.sh'), `${appending}# changed\n`)
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toMatch(/~ publish .*(\n.*){1,3}hooks\.pre_publish/)
    expect(plan.stdout).toContain('Plan: 0 to create, 1 to update')
  })

  test('that are missing or whose template is wrong are refused before anything runs', async () => {
    const folder = workspace(scriptAt('pre_publish').replace('{{ machine }}', '{{ mashine }}'), {
      'tell.sh': appending,
    })
    const invalid = await h2k(folder, ['validate'])
    expect(invalid.exitCode).toBe(1)
    expect(invalid.stderr).toMatch(/web01\.yaml:7:\d+ error TEMPLATE_INVALID/)
    const missing = workspace(`${scriptAt('pre_publish')}  post_publish: [{type: python, module: gone, function: f}]\n`)
    const plan = await h2k(missing, ['plan'])
    expect(plan.exitCode).toBe(1)
    expect(plan.stdout).toMatch(/web01\.yaml:7:\d+ error HOOK_MISSING.*pre_publish\[0\]/)
    expect(plan.stdout).toMatch(/web01\.yaml:8:\d+ error HOOK_MISSING.*post_publish\[0\]/)
    const idle = workspace(scriptAt('pre_publish'), { 'tell.sh': appending })
    chmodSync(join(idle, 'tell.sh'), 0o644)
    expect((await h2k(idle, ['plan'])).stdout).toMatch(/web01\.yaml:7:\d+ error HOOK_MISSING.*is not executable/)
  })
})
