import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startLibvirt, virshThatKills } from '../support/libvirt.ts'
import { contentOf, makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'

const libvirt = startLibvirt()
const points = ['before-intent', 'after-intent', 'in-effect', 'after-effect', 'after-done'] as const

const config = `h2k_version: 1
name: crash
connections: {kvm1: {type: libvirt, uri: "${libvirt.uri}", domain_type: qemu}}
defaults: {target: kvm1}
`

const list = (...options: string[]) =>
  libvirt
    .virsh('list', '--all', '--uuid', '--name', ...options)
    .split('\n')
    .filter(Boolean)

describe('a run that is killed while it publishes', () => {
  test.each(points)('at %s goes on with one domain, one snapshot and the same volumes', async (point) => {
    const name = `at-${point}`
    const ova = makeOva(temporaryFolder(), name, [{ mib: 8 }])
    const parent = temporaryFolder()
    chmodSync(parent, 0o755)
    const pool = join(parent, 'pool')
    const keys = `import_to_pool: ${name}, pool_path: ${pool}, copy_disks: false, create_snapshot: true, autostart: true`
    const folder = makeWorkspace({
      'h2k.yaml': config,
      [`manifests/${name}.yaml`]: ovaManifest(ova.path, `nics: []\nlibvirt_integration: {${keys}}\n`),
    })
    const killed = await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: `publish:${point}:kill` })
    expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
    const before = list().filter((line) => line.endsWith(name))
    const resumed = await h2k(folder, ['apply', '--auto-approve'])
    expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0)
    const after = list().filter((line) => line.endsWith(name))
    expect(after).toHaveLength(1)
    if (before.length > 0) expect(after).toEqual(before)
    expect(libvirt.virsh('snapshot-list', '--name', name).trim()).toBe('pre-first-boot')
    const volume = `${name}-vmdisk1.qcow2`
    expect(readdirSync(pool).toSorted()).toEqual([volume, `${volume}.pre-first-boot`])
    expect(contentOf(join(pool, volume), 'qcow2')).toBe(ova.contents[0])
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('before it says that it took the snapshot goes on with it', async () => {
    const ova = makeOva(temporaryFolder(), 'taken', [{ mib: 8 }])
    const keys = 'nics: []\nlibvirt_integration: {create_snapshot: true}\n'
    const folder = makeWorkspace({ 'h2k.yaml': config, 'manifests/taken.yaml': ovaManifest(ova.path, keys) })
    const killed = await h2k(folder, ['apply', '--auto-approve'], { PATH: virshThatKills('snapshot-create-as') })
    expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
    const resumed = await h2k(folder, ['apply', '--auto-approve'])
    expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0)
    expect(libvirt.xml('taken')).toContain('vmdisk1.qcow2.pre-first-boot')
    expect(libvirt.virsh('snapshot-list', '--name', 'taken').trim()).toBe('pre-first-boot')
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('because libvirt was goes on when it is back', async () => {
    const ova = makeOva(temporaryFolder(), 'phoenix', [{ mib: 8 }])
    const folder = makeWorkspace({ 'h2k.yaml': config, 'manifests/phoenix.yaml': ovaManifest(ova.path, 'nics: []\n') })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    const before = list()
    libvirt.kill()
    const failed = await h2k(folder, ['apply', '--auto-approve', '--redo', 'machine.phoenix/publish'])
    libvirt.start()
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('TARGET_UNREACHABLE')
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(list()).toEqual(before)
  })
})

test('libvirtd that is killed while it defines machines costs none of them its identity', async () => {
  const ova = makeOva(temporaryFolder(), 'flock', [{ mib: 4 }])
  const names = Array.from({ length: 5 }, (_, index) => `flock${index}`)
  const manifest = (name: string) => `manifest_version: "1.0"
source: {provider: ova, path: ${JSON.stringify(ova.path)}, vm_name: ${name}}
nics: []
`
  const folder = makeWorkspace({
    'h2k.yaml': `${config}concurrency: {global: 1}\n`,
    ...Object.fromEntries(names.map((name) => [`manifests/${name}.yaml`, manifest(name)])),
  })
  const mine = () => list().filter((line) => / flock\d$/.test(line))
  const running = start(folder, ['apply', '--auto-approve', '--json'])
  await expect.poll(() => mine().length, { timeout: 120_000, interval: 20 }).toBeGreaterThan(1)
  libvirt.kill()
  const ended = await running.ended
  libvirt.start()
  expect(ended.exitCode, ended.stdout).toBeGreaterThan(0)
  expect(ended.stdout).toContain('TARGET_UNREACHABLE')
  expect(ended.stdout).not.toMatch(/TARGET_TAKEN|is missing/)
  const before = mine()
  const again = await h2k(folder, ['apply', '--auto-approve'])
  expect(again.exitCode, again.stdout + again.stderr).toBe(0)
  expect(mine()).toHaveLength(5)
  expect(mine()).toEqual(expect.arrayContaining(before))
  expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
})

test('fifty machines, of any name, are defined in one go', async () => {
  const ova = makeOva(temporaryFolder(), 'many', [{ mib: 4 }])
  const hostile = [
    '$(touch x)',
    '-o',
    '; shutdown',
    'wéb ☃ 中',
    'a b',
    '"quoted"',
    "it's",
    '\u202eabc',
    '--name=x',
    '..',
  ]
  const names = [...hostile, ...Array.from({ length: 40 }, (_, index) => `vm${index}`)]
  const folder = makeWorkspace({
    'h2k.yaml': config,
    ...Object.fromEntries(
      names.map((name, index) => [
        `manifests/m${index}.yaml`,
        `manifest_version: "1.0"
source: {provider: ova, path: ${JSON.stringify(ova.path)}, vm_name: ${JSON.stringify(name)}}
nics: []
`,
      ]),
    ),
  })
  const before = list().length
  const ended = await h2k(folder, ['apply', '--auto-approve'])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(list().length - before).toBe(50)
  expect(list().map((line) => line.slice(37))).toEqual(expect.arrayContaining(['$(touch x)', '-o', 'wéb ☃ 中', "it's"]))
  const plan = await h2k(folder, ['plan', '--detailed-exitcode'])
  expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
})
