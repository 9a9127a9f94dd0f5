import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorkspaceFiles } from '../../src/adapters/workspace/workspace-files.ts'
import { checkWorkspace } from '../../src/app/check-workspace.ts'
import { makeWorkspace } from '../support/machines.ts'
import { bareMachine, noCache, noSchemas, told } from './workspace-on-disk.ts'

async function problemsIn(written: Readonly<Record<string, string>>) {
  const files = createWorkspaceFiles(makeWorkspace(written), resolve('.'))
  const { problems } = await checkWorkspace({ files, cache: noCache(), version: 'test', schemas: noSchemas })
  return problems
}

test('what is wrong with h2k.yaml hides nothing that is wrong elsewhere', async () => {
  const problems = await problemsIn({
    'h2k.yaml': 'h2k_version: 1\nname: test\nconcurrency: {disk_io: 0}\nincldue: [x]\n',
    'manifests/a.yaml': bareMachine('traget: a\n'),
    'manifests/b.json': '{"manifest_version": "1.0",\n "source": {"provider": "lokal"}}',
    'manifests/c.yaml': 'a: [1\n',
    'batches/d.yaml': 'batch_version: "1.0"\nvms: [{manifest: ../manifests/a.yaml, priority: high}]\n',
    'profiles/unused.yaml': 'extends: production\npipelin: {}\n',
  })
  expect(told(problems)).toEqual([
    'h2k.yaml:3:15 VALUE_INVALID: concurrency.disk_io: must be at least 1',
    'h2k.yaml:4:1 KEY_UNKNOWN: unknown key "incldue"',
    'profiles/unused.yaml:2:1 KEY_UNKNOWN: unknown key "pipelin"',
    'manifests/c.yaml:2:1 SYNTAX: Flow sequence in block collection must be sufficiently indented and end with a ]',
    'batches/d.yaml:2:39 VALUE_INVALID: vms[0].priority: must be a number',
    'manifests/a.yaml:5:1 KEY_UNKNOWN: unknown key "traget"',
    'manifests/b.json:2:13 VALUE_INVALID: source.provider: must be "local", "ova", "ovf", "vsphere", "vmware", "libvirt", "vmx", "azure", "aws" or "hyperv"',
  ])
  const hints = problems.map(({ hint }) => hint)
  expect(hints[1]).toBe('did you mean "include"?')
  expect(hints[5]).toBe('did you mean "target"?')
  expect(hints[6]).toBe('did you mean "local"?')
})

test('a wave that comes twice is told beside other mistakes of h2k.yaml', async () => {
  const problems = await problemsIn({
    'h2k.yaml': 'h2k_version: 1\nname: "a b"\nwaves: [{name: a}, {name: a}]\n',
    'manifests/a.yaml': bareMachine(),
  })
  expect(told(problems)).toEqual([
    'h2k.yaml:2:1 VALUE_INVALID: name: must be letters, digits, . _ and - only',
    'h2k.yaml:3:21 NAME_DUPLICATE: there is a wave "a" already',
  ])
})

test('and h2k.yaml that does not parse is told alone', async () => {
  const problems = await problemsIn({ 'h2k.yaml': 'a: [\n', 'manifests/a.yaml': bareMachine() })
  expect(told(problems)).toEqual([expect.stringMatching(/^h2k\.yaml:2:1 SYNTAX/)])
})

test('a file that is not there is told where it is named', async () => {
  const problems = await problemsIn({
    'batches/a.yaml': 'batch_version: "1.0"\nvms: [{manifest: ../gone.yaml}]\n',
    'manifests/b.yaml': bareMachine('network_mapping: {$ref: gone.yaml}\n'),
  })
  expect(told(problems)).toEqual([
    'batches/a.yaml:2:8 FILE_UNREADABLE: gone.yaml: the file cannot be read: ENOENT',
    'manifests/b.yaml:5:19 FILE_UNREADABLE: manifests/gone.yaml: the file cannot be read: ENOENT',
  ])
})

test('a file whose name nobody can read is told in characters', async () => {
  const problems = await problemsIn({
    'batches/a.yaml': 'batch_version: "1.0"\nvms: [{manifest: "../\\r\\u202egone.yaml"}]\n',
  })
  expect(told(problems)).toEqual([
    'batches/a.yaml:2:8 FILE_UNREADABLE: \\u{d}\\u{202e}gone.yaml: the file cannot be read: ENOENT',
  ])
})

test('a name that two machines have is told where it is given', async () => {
  const problems = await problemsIn({
    'manifests/a.yaml': bareMachine(),
    'manifests/b.yaml': bareMachine().replace('{provider: local}', '{provider: local, vm_name: A}'),
    'manifests/c/a.yaml': bareMachine(),
  })
  expect(told(problems)).toEqual([
    'manifests/b.yaml:2:27 NAME_DUPLICATE: the machine "A" is also in manifests/a.yaml',
    'manifests/c/a.yaml:1:1 NAME_DUPLICATE: the machine "a" is also in manifests/a.yaml',
  ])
})

describe('the same faults are told of YAML and of JSON', () => {
  const machine = {
    manifest_version: '1.0',
    source: { provider: 'ova', path: 'a.ova' },
    vm: { cpu: '4', firmwar: 'uefi' },
    disks: [{ id: 'a b', source_format: 'vmdk', bytes: 1, local_path: 'a' }],
    pipeline: { convert: {} },
  }
  const json = JSON.stringify(machine, null, 2)
  // JSON is YAML, so the places are the same.
  const expected = [
    '8 VALUE_INVALID: vm.cpu: must be a number',
    '9 KEY_UNKNOWN: unknown key "firmwar"',
    '13 VALUE_INVALID: disks[0].id: must be letters, digits, _ and - only',
    '20 KEY_MISSING: pipeline.convert.enabled is missing',
  ]
  test.each(['manifests/a.yaml', 'manifests/a.json'])('%s', async (file) => {
    const problems = await problemsIn({ [file]: json })
    expect(problems.map(({ at, code, summary }) => `${at?.line} ${code}: ${summary}`)).toEqual(expected)
  })
})
