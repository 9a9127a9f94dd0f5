import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { localManifest as machine, localWorkspace as workspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

interface Planned {
  readonly machines: readonly {
    readonly name: string
    readonly stages: readonly { readonly stage: string; readonly does: string }[]
  }[]
}

const plan = async (folder: string) => (await h2k(folder, ['plan', '--json'])).data<Planned>()

describe('profiles', () => {
  test('built-in ones have their effect', async () => {
    const folder = workspace({ 'manifests/a.yaml': machine('profile: production\n') })
    const { machines } = await plan(folder)
    expect(machines[0]?.stages.find(({ stage }) => stage === 'convert')?.does).toBe(
      '1 disk to qcow2, zstd, after its repair, in one copy, on several threads',
    )
    expect(machines[0]?.stages.find(({ stage }) => stage === 'fix')?.does).toBe('(known after inspect)')
  })

  test('of one’s own extend them, hold for all machines by h2k.yaml, and give way to the manifest', async () => {
    const folder = workspace({
      'h2k.yaml': 'h2k_version: 1\nname: test\ndefaults: {profile: ours}\n',
      'profiles/ours.yaml':
        'extends: production\noutput: {directory: ../converted}\npipeline: {inspect: {enabled: false}, fix: {enabled: false}, convert: {compression: zstd, compress_level: null}}\n',
      'manifests/a.yaml': machine(),
      'manifests/b.yaml': machine('pipeline: {convert: {compress: false}}\n'),
    })
    const { machines } = await plan(folder)
    expect(machines.map(({ stages }) => stages.find(({ stage }) => stage === 'convert')?.does)).toEqual([
      '1 disk to qcow2, zstd, by qemu-img: a small disk',
      '1 disk to qcow2',
    ])
    expect(machines[0]?.stages.at(-1)?.does).toBe('converted/a/domain.xml')
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    expect(readdirSync(join(folder, 'converted'))).toEqual(['a', 'b'])
  })

  test('and what a machine takes from where are shown with file and line', async () => {
    const folder = workspace({
      'profiles/ours.yaml': 'extends: production\npipeline: {convert: {compress: false}}\n',
      'manifests/a.yaml': machine('profile: ours\n'),
    })
    const shown = await h2k(folder, ['profile', 'show', 'ours'])
    expect(shown.stdout).toMatch(/^pipeline\.convert\.compress +false +profiles\/ours\.yaml:2:22 \(profile ours\)$/m)
    expect(shown.stdout).toMatch(
      /^pipeline\.convert\.enabled +true +<h2k>\/profiles\/production\.yaml:\d+:\d+ \(profile production\)$/m,
    )
    const explained = await h2k(folder, ['plan', '--explain', 'machine.a'])
    expect(explained.stdout).toMatch(/^vm\.cpu +1 +manifests\/a\.yaml:3:6 \(manifest\)$/m)
    expect((await h2k(folder, ['profile', 'list'])).stdout.split('\n')).toContain('ours')
    const unknown = await h2k(folder, ['profile', 'show', 'ourz'])
    expect(unknown.stderr, 'no file named it').toMatch(
      /^error PROFILE_UNKNOWN: there is no profile "ourz"\n {2}-> did you mean "ours"\?/,
    )
  })

  test('that are wrong, missing or in a circle are told with their place', async () => {
    const folder = workspace({
      'profiles/x.yaml': 'extends: y\n',
      'profiles/y.yaml': 'extends: x\n',
      'manifests/a.yaml': machine('profile: x\n'),
      'manifests/b.yaml': machine('profile: productoin\n'),
    })
    const { stderr, exitCode } = await h2k(folder, ['validate'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('PROFILE_CYCLE: the profile "x" extends itself: x -> y -> x')
    expect(stderr).toContain(
      'manifests/b.yaml:5:1 error PROFILE_UNKNOWN: there is no profile "productoin"\n  -> did you mean "production"?',
    )
  })
})

describe('a batch', () => {
  test('shares, overrides and disables; its machines are in git once', async () => {
    const folder = workspace({
      'manifests/a.yaml': machine(),
      'manifests/b.yaml': machine(),
      'batches/all.yaml': `batch_version: "1.0"
vms:
  - {manifest: ../manifests/a.yaml, overrides: {vm: {cpu: 8}}}
  - {manifest: ../manifests/b.yaml, enabled: false}
  - id: inline
    machine:
      manifest_version: "1.0"
      source: {provider: local}
      vm: {cpu: 2, mem_gb: 2}
      disks: [{id: boot, source_format: vmdk, bytes: 4194304, local_path: ../disk.vmdk}]
shared_config:
  output_directory: ../shared
  pipeline: {convert: {enabled: true, compress: true, compression: zstd}}
`,
    })
    const { machines } = await plan(folder)
    expect(machines.map(({ name }) => name)).toEqual(['a', 'inline'])
    const applied = await h2k(folder, ['apply', '--auto-approve'])
    expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)
    expect(readFileSync(join(folder, 'shared/a/domain.xml'), 'utf8')).toContain('<vcpu>8</vcpu>')
    expect(readdirSync(join(folder, 'shared/inline'))).toEqual(['boot.qcow2', 'domain.xml'])
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })
})

describe('a batch that must not go on', () => {
  test('starts nothing more after a failure, and goes on when it is mended', async () => {
    const broken = machine('hooks: {pre_convert: [{type: script, path: ../gate.sh, args: ["{{ pwd }}/open"]}]}\n')
    const folder = workspace({
      'manifests/a.yaml': broken,
      'manifests/b.yaml': machine(),
      'manifests/c.yaml': machine(),
      'gate.sh': '#!/bin/sh\ntest -e "$1"\n',
      'batches/all.yaml': `batch_version: "1.0"
batch_metadata: {batch_id: careful, parallel_limit: 1, continue_on_error: false}
vms: [{manifest: ../manifests/a.yaml, priority: -1}, {manifest: ../manifests/b.yaml}, {manifest: ../manifests/c.yaml}]
`,
    })
    chmodSync(join(folder, 'gate.sh'), 0o755)
    const first = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(first.exitCode).toBe(1)
    expect(first.data<{ failed: string[]; done: string[]; interrupted: string[] }>()).toMatchObject({
      failed: ['a'],
      done: [],
      interrupted: ['b', 'c'],
    })
    writeFileSync(join(folder, 'open'), '')
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  })
})

describe('a mapping in a file of its own', () => {
  test('holds for the machines that name it', async () => {
    const folder = workspace({
      'h2k.yaml': 'h2k_version: 1\nname: test\ndefaults: {network_mapping: {$ref: mappings/network.yaml}}\n',
      'mappings/network.yaml': 'source_networks: {LAN: br7}\n',
      'manifests/a.yaml': machine('nics: [{id: n, network: LAN}]\n'),
    })
    expect((await plan(folder)).machines[0]?.stages.at(-1)?.does).toContain('"LAN" -> bridge br7')
  })
})

test('what a person relies on and this version does not do is refused where it stands', async () => {
  const folder = workspace({
    'manifests/a.yaml': machine('nics: []\nnetwork_mapping: {source_networks: {LAN: {vpc: a}}}\n'),
  })
  const { stderr, exitCode } = await h2k(folder, ['apply', '--auto-approve'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/manifests\/a\.yaml:6:\d+ error NOT_BUILT/)
})
