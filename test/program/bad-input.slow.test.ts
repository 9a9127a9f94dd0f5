import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { everyKind } from '../app/fuzzed-workspace.ts'
import { bareMachine } from '../app/workspace-on-disk.ts'
import { hostileNames } from '../core/hostile-names.ts'
import { edits, mutate } from '../core/language/mutations.ts'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const maxMemoryKib = 300 * 1024
const peak = { NODE_OPTIONS: `--import=${resolve('bench/peak-memory.mjs')}` }

/** What `validate` says; it must end on its own, in bounds, and never with a stack trace. */
async function validated(folder: string) {
  const { exitCode, stdout, stderr } = await h2k(folder, ['validate'], peak)
  expect(`${stdout}${stderr}`).not.toMatch(/\bBUG\b|^ {4}at |node:internal/m)
  expect(Number(/^peak (\d+)$/m.exec(stderr)?.[1]), stderr).toBeLessThan(maxMemoryKib)
  return { exitCode, lines: stderr.split('\n').filter((line) => / error /.test(line)) }
}

const machine = bareMachine()
const at = (line: string) => machine.replace('vm: {cpu: 1, mem_gb: 1}', line)

describe('a file that is wrong in its writing is refused with its place', () => {
  const cases: readonly (readonly [name: string, content: string | Buffer, expected: string])[] = [
    ['syntax', 'a: [1, 2\n', 'manifests/a.yaml:2:1 error SYNTAX'],
    ['a tab', 'a:\n\tb: 1\n', 'manifests/a.yaml:2:1 error SYNTAX'],
    [
      'a key that is there twice',
      `${machine}vm: {}\n`,
      'manifests/a.yaml:5:1 error SYNTAX: the key "vm" is there twice',
    ],
    [
      'no UTF-8',
      Buffer.from('manifest_version: "1.0"\nx-a: "\xe9"\n', 'latin1'),
      'manifests/a.yaml:2:7 error ENCODING',
    ],
    ['UTF-16', Buffer.from(machine, 'utf16le'), 'manifests/a.yaml:1:2 error ENCODING'],
    [
      'aliases of aliases',
      `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`).join('\n')}\n`,
      'manifests/a.yaml:',
    ],
    ['a depth of 10,000', `a: ${'['.repeat(10_000)}`, 'nested more than 100 levels deep'],
    ['100 MB', Buffer.alloc(100 << 20, 'a: 1\n'), 'manifests/a.yaml error FILE_TOO_LARGE'],
    ['__proto__', `${machine}__proto__: {a: 1}\n`, 'manifests/a.yaml:5:1 error KEY_UNKNOWN'],
    [
      'constructor',
      `${machine}constructor: {a: 1}\n`,
      'manifests/a.yaml:5:1 error KEY_UNKNOWN: unknown key "constructor"',
    ],
    [
      'no',
      at('vm: {cpu: 1, mem_gb: 1, tpm: no}'),
      'manifests/a.yaml:3:25 error VALUE_INVALID: vm.tpm: must be true or false',
    ],
    ['0777', at('vm: {cpu: 0777, mem_gb: 1}'), 'manifests/a.yaml:3:6 error VALUE_INVALID: vm.cpu'],
    [
      'a huge number',
      at(`vm: {cpu: ${'9'.repeat(400)}, mem_gb: 1}`),
      'manifests/a.yaml:3:6 error VALUE_INVALID: vm.cpu',
    ],
  ]
  test.each(cases)('%s', async (_name, content, expected) => {
    const folder = makeWorkspace({})
    mkdirSync(join(folder, 'manifests'))
    writeFileSync(join(folder, 'manifests/a.yaml'), content)
    const { exitCode, lines } = await validated(folder)
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toContain(expected)
  })

  test('a byte order mark is none of its writing', async () => {
    const { exitCode } = await validated(makeWorkspace({ 'manifests/a.yaml': `\ufeff${machine}` }))
    expect(exitCode).toBe(0)
  })
})

test('files that somebody broke are told or taken, whatever they are', async () => {
  const folder = makeWorkspace(everyKind)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(everyKind)), edits, async (file, some) => {
      const path = join(folder, file)
      const text = readFileSync(path, 'utf8')
      writeFileSync(path, mutate(text, some))
      const { exitCode } = await validated(folder)
      writeFileSync(path, text)
      expect([0, 1]).toContain(exitCode)
    }),
    { numRuns: 60 },
  )
})

test('a name that is hostile stays a name: nothing outside of output, and nothing for the terminal to obey', async () => {
  // What no file name holds is told by the machine's name in git, which has no NUL and is whole Unicode.
  const names = hostileNames.filter((name) => name.trim() !== '' && !/[\0\ud800-\udfff\ufffe\uffff]/.test(name))
  const folder = makeWorkspace({})
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  for (const [index, name] of names.entries()) {
    const file = join(folder, `manifests/${index}.json`)
    mkdirSync(dirname(file), { recursive: true })
    const disk = { id: 'boot', source_format: 'vmdk', bytes: 4194304, local_path: '../disk.vmdk' }
    const source = { provider: 'local', vm_name: name }
    const content = { manifest_version: '1.0', source, vm: { cpu: 1, mem_gb: 1 }, disks: [disk] }
    writeFileSync(file, JSON.stringify(content))
  }
  const before = readdirSync(folder)
  for (const args of [
    ['plan', '--no-color'],
    ['apply', '--auto-approve', '--no-color'],
    ['state', 'list'],
    ['graph'],
  ]) {
    const { exitCode, stdout, stderr } = await h2k(folder, args)
    expect(exitCode, `${args[0]}: ${stderr}`).toBe(0)
    expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(
      /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u,
    )
  }
  expect(
    readdirSync(folder)
      .filter((entry) => !before.includes(entry))
      .toSorted(),
  ).toEqual(['.h2k', 'output'])
  expect(readdirSync(join(folder, 'output'))).toHaveLength(names.length)
})

describe('machines that want the same are refused', () => {
  const nic = (mac: string) => `nics: [{id: nic0, mac: "${mac}"}]\nnetwork_mapping: {default_bridge: br0}\n`
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['name', 'source: {provider: local, vm_name: WEB}', '', 'NAME_DUPLICATE'],
    ['folder', 'source: {provider: local}', 'output: {directory: ../output/Web}\n', 'OUTPUT_COLLISION'],
    ['MAC', 'source: {provider: local}', nic('00-50-56-AA-BB-01'), 'MAC_COLLISION'],
  ]
  test.each(cases)('%s, also in another case', async (_what, source, rest, code) => {
    const disk = machine.replace('local_path: disk.vmdk', 'local_path: ../disk.vmdk')
    const folder = makeWorkspace({
      'manifests/web.yaml': `${disk}${nic('00:50:56:aa:bb:01')}`,
      'manifests/web-2.yaml': `${disk.replace('source: {provider: local}', source)}${rest}`,
    })
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
    const { exitCode, stdout, stderr } = await h2k(folder, ['plan'])
    expect(exitCode).toBe(1)
    expect(`${stdout}${stderr}`).toMatch(new RegExp(`manifests/web(-2)?\\.yaml:\\d+:\\d+ error ${code}`))
    if (code === 'NAME_DUPLICATE') return
    // Also for one of them alone: the other keeps what is its own.
    expect((await h2k(folder, ['plan', '--only', 'web'])).exitCode).toBe(0)
    expect((await h2k(folder, ['plan', '--only', 'web-2'])).stdout).toContain(code)
  })
})
