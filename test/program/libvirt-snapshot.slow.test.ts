import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startLibvirt, virshThatKills } from '../support/libvirt.ts'
import { contentOf, makeOva, makeWorkspace, ovaManifest, qemuImg, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const port = 20_000 + (process.pid % 20_000)
const libvirt = startLibvirt(port)
const uri = `qemu+tcp://127.0.0.1:${port}/system`

/** A machine for a pool whose folder only libvirtd sees, as on another host. */
function workspaceOf(name: string, keys = '', rest = '', pool = madePool()) {
  const ova = makeOva(temporaryFolder(), name, [{ mib: 8 }, { mib: 4 }], 'efi')
  const config = `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${uri}", domain_type: qemu}}
defaults: {target: kvm1}
`
  const text = (more: string) =>
    ovaManifest(
      ova.path,
      `nics: []\nvm: {mem_gb: 0.125}\nlibvirt_integration: {import_to_pool: ${pool.name}, create_snapshot: true${keys}}\n${more}`,
    )
  const folder = makeWorkspace({ 'h2k.yaml': config, [`manifests/${name}.yaml`]: text(rest) })
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => h2k(folder, args, env)
  const overlay = (index: number) => `${name}-vmdisk${index}.qcow2.pre-first-boot`
  onTestFinished(() => {
    if (libvirt.virsh('list', '--name').split('\n').includes(name)) libvirt.virsh('destroy', name)
  })
  return {
    folder,
    ova,
    pool,
    run,
    overlay,
    async done(...args: string[]) {
      const ended = await run(args)
      expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
      return ended
    },
    rewrite: (more: string, change = (manifest: string) => manifest) =>
      writeFileSync(join(folder, `manifests/${name}.yaml`), change(text(more))),
    sources: () => [...libvirt.xml(name).matchAll(/<source file='([^']*)'/g)].map(([, file]) => basename(file ?? '')),
    snapshots: () => libvirt.virsh('snapshot-list', '--name', name).trim(),
    /** What the guest has, by what is on that host: hashed. */
    content(index: number) {
      const copies = temporaryFolder()
      const fetched = [`${name}-vmdisk${index}.qcow2`, overlay(index)].map((volume) => {
        const file = join(copies, volume)
        libvirt.virsh('vol-download', `--pool=${pool.name}`, `--vol=${volume}`, `--file=${file}`)
        return file
      })
      qemuImg('rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', fetched[0] ?? '', fetched[1] ?? '')
      return contentOf(fetched[1] ?? '', 'qcow2')
    },
    /** As a guest does. */
    write: (index: number) =>
      libvirt.enter('qemu-io', '-f', 'qcow2', '-c', 'write -P 7 0 65536', join(pool.path, overlay(index))),
  }
}

function madePool() {
  const path = join(temporaryFolder(), 'far')
  const name = basename(join(path, '..'))
  chmodSync(join(path, '..'), 0o755)
  mkdirSync(path)
  libvirt.enter('mount', '-t', 'tmpfs', '-o', 'size=64m,mode=0755', name, path)
  libvirt.virsh('pool-define-as', name, 'dir', '--target', path)
  libvirt.virsh('pool-start', name)
  onTestFinished(() => {
    libvirt.virsh('pool-destroy', name)
    libvirt.virsh('pool-undefine', name)
    libvirt.enter('umount', path)
  })
  return { name, path, volumes: () => linesOf(libvirt.virsh(`pool-refresh ${name}; vol-list ${name}`)) }
}

const linesOf = (printed: string) =>
  printed
    .split('\n')
    .map((line) => line.trim().split(/ {3}/)[0] ?? '')
    .filter(Boolean)

test('is taken on another host, kept when the domain is defined anew, and goes with its machine', async () => {
  const { done, run, pool, overlay, sources, snapshots, content, write, ova, rewrite } = workspaceOf('far')
  expect((await done('plan')).stdout).toContain('snapshot pre-first-boot')
  await done('apply', '--auto-approve')
  expect(sources()).toEqual([overlay(1), overlay(2)])
  expect(snapshots()).toBe('pre-first-boot')
  expect(pool.volumes()).toEqual(['far-vmdisk1.qcow2', overlay(1), 'far-vmdisk2.qcow2', overlay(2)])
  expect([content(1), content(2)]).toEqual(ova.contents)
  expect(readdirSync(pool.path)).toEqual([])
  await done('plan', '--detailed-exitcode')
  await done('drift', '--detailed-exitcode')

  write(1)
  const written = content(1)
  expect(written).not.toBe(ova.contents[0])
  await done('drift', '--deep', '--detailed-exitcode')
  rewrite('', (manifest) => manifest.replace('0.125', '0.25'))
  await done('apply', '--auto-approve')
  expect(libvirt.xml('far')).toContain("<memory unit='KiB'>262144</memory>")
  libvirt.virsh('undefine', 'far', '--nvram', '--snapshots-metadata')
  expect((await run(['drift', '--detailed-exitcode'])).exitCode).toBe(2)
  await done('apply', '--auto-approve')
  expect(sources()).toEqual([overlay(1), overlay(2)])
  expect(content(1)).toBe(written)
  await done('plan', '--detailed-exitcode')

  await done('destroy', 'machine.far', '--auto-approve')
  expect(pool.volumes()).toEqual([])
  expect(libvirt.virsh('list', '--all', '--name')).not.toContain('far')
})

test('an overlay that somebody removed is told and made anew, and the other keeps what the guest wrote', async () => {
  const { done, run, pool, overlay, sources, snapshots, content, write, ova } = workspaceOf('half')
  await done('apply', '--auto-approve')
  write(1)
  const written = content(1)
  libvirt.virsh('vol-delete', `--pool=${pool.name}`, `--vol=${overlay(2)}`)
  const drift = await run(['drift', '--json', '--detailed-exitcode'])
  expect(drift.exitCode, drift.stdout).toBe(2)
  const subject = `${pool.name}/${overlay(2)}`
  const finding = { kind: 'disk', subject, status: 'Missing', detail: `is missing in ${uri}` }
  expect(drift.data()).toMatchObject({ machines: [{ findings: expect.arrayContaining([finding]) }] })
  expect((await run(['plan'])).stdout).toContain(`the volume ${subject} is missing`)
  await done('apply', '--auto-approve')
  expect(sources()).toEqual([overlay(1), overlay(2)])
  expect(snapshots()).toBe('pre-first-boot')
  expect([content(1), content(2)]).toEqual([written, ova.contents[1]])
  await done('plan', '--detailed-exitcode')
})

test('a disk that is converted again gets an empty overlay, once its domain is off', async () => {
  const { done, run, overlay, sources, snapshots, content, write, ova } = workspaceOf('anew', ', auto_start: true')
  await done('apply', '--auto-approve')
  const other = makeOva(join(ova.path, '..'), 'anew', [{ mib: 8, dataMib: 5 }, { mib: 4 }], 'efi')
  expect(other.contents[0]).not.toBe(ova.contents[0])
  expect((await run(['apply', '--auto-approve'])).stderr).toContain('DISK_WRITTEN')
  const redo = ['apply', '--auto-approve', '--redo', 'machine.anew/convert']
  expect((await run(redo)).stderr).toContain('TARGET_RUNNING')
  libvirt.virsh('destroy', 'anew')
  write(1)
  await done(...redo)
  expect(sources()).toEqual([overlay(1), overlay(2)])
  expect(snapshots()).toBe('pre-first-boot')
  expect([content(1), content(2)]).toEqual(other.contents)

  // Also where it comes out the same.
  libvirt.virsh('destroy', 'anew')
  write(2)
  await done(...redo)
  expect([content(1), content(2)]).toEqual(other.contents)
  await done('plan', '--detailed-exitcode')
  libvirt.virsh('destroy', 'anew')
  await done('destroy', 'machine.anew', '--auto-approve')
})

test('a disk is not moved from under what the guest wrote over it, unless it is made anew', async () => {
  const { done, run, rewrite, sources, overlay, content, write, ova } = workspaceOf('stay')
  await done('apply', '--auto-approve')
  write(1)
  const written = content(1)
  rewrite('', (manifest) => manifest.replace('create_snapshot', 'vm_name: gone, create_snapshot'))
  const refused = await run(['apply', '--auto-approve'])
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('DISK_WRITTEN')])
  expect([sources(), content(1)]).toEqual([[overlay(1), overlay(2)], written])
  rewrite('')
  await done('apply', '--auto-approve')
  expect(content(1)).toBe(written)
  rewrite('', (manifest) => manifest.replace('create_snapshot', 'vm_name: gone, create_snapshot'))
  await done('apply', '--auto-approve', '--redo', 'machine.stay/convert')
  expect(libvirt.xml('gone')).toContain('gone-vmdisk1.qcow2.pre-first-boot')
  expect(ova.contents[0]).not.toBe(written)
  await done('destroy', 'machine.stay', '--auto-approve')
})

test('a run that is killed before it says that it took the snapshot goes on with it', async () => {
  const { done, run, overlay, sources, snapshots, content, ova } = workspaceOf('cut')
  const killed = await run(['apply', '--auto-approve'], { PATH: virshThatKills('snapshot-create-as') })
  expect([killed.signal, killed.stderr]).toEqual(['SIGKILL', expect.anything()])
  expect(sources()).toEqual([overlay(1), overlay(2)])
  await done('apply', '--auto-approve')
  expect(sources()).toEqual([overlay(1), overlay(2)])
  expect(snapshots()).toBe('pre-first-boot')
  expect([content(1), content(2)]).toEqual(ova.contents)
  await done('plan', '--detailed-exitcode')
  await done('destroy', 'machine.cut', '--auto-approve')
})

test('the machine is cut over, taken back, and taken over by another state with its overlays', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((settle) => server.once('listening', settle))
  const address = server.address()
  const at = typeof address === 'object' && address ? address.port : 0
  const cutover = `cutover: {verify: {tcp: "127.0.0.1:${at}"}, shutdown_seconds: 0}\n`
  const { folder, done, run, pool, overlay, sources } = workspaceOf('over', ', autostart: true', cutover)
  await done('apply', '--auto-approve')
  await done('cutover', 'machine.over', '--auto-approve')
  expect(libvirt.virsh('list', '--name')).toContain('over')
  const variables = () => readdirSync(join(libvirt.folder, 'lib/qemu/nvram'))
  const made = variables()
  expect(made.length).toBeGreaterThan(0)
  expect(libvirt.virsh('domblklist', 'over')).toContain(join(pool.path, overlay(1)))
  await done('drift', '--detailed-exitcode')
  const refused = await run(['destroy', 'machine.over', '--auto-approve'])
  expect(refused.stdout + refused.stderr).toContain('the domain over runs')
  await done('rollback', 'machine.over', '--force', '--auto-approve')
  await done('plan', '--detailed-exitcode')

  rmSync(join(folder, '.h2k'), { recursive: true })
  const taken = await done('state', 'import', 'over', '--adopt')
  for (const own of [`#volume/${pool.name}/${overlay(1)}`, '#snapshot/']) expect(taken.stdout).toContain(own)
  await done('plan', '--detailed-exitcode')
  expect(sources()).toEqual([overlay(1), overlay(2)])
  await done('destroy', 'machine.over', '--auto-approve')
  expect(pool.volumes()).toEqual([])
  expect(variables()).toHaveLength(made.length - 1)
})

test('what is in its way is in the plan: volumes of others, and pools that take no disks', async () => {
  const { run, done, pool, overlay, snapshots } = workspaceOf('way')
  libvirt.virsh('vol-create-as', pool.name, overlay(1), '1k', '--format=raw')
  const plan = await run(['plan'])
  expect([plan.exitCode, plan.stdout]).toEqual([1, expect.stringContaining('TARGET_TAKEN')])
  expect(plan.stdout).toContain(`the pool ${pool.name} has a volume ${overlay(1)} that h2k did not make`)
  const refused = await run(['apply', '--auto-approve', '--no-refresh'])
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining(`${overlay(1)} exists`)])
  libvirt.virsh('vol-delete', `--pool=${pool.name}`, overlay(1))
  await done('apply', '--auto-approve')
  expect(snapshots()).toBe('pre-first-boot')

  libvirt.virsh('pool-define-as', 'multipath', 'mpath', '--target', '/dev/mapper')
  libvirt.virsh('pool-start', 'multipath')
  const other = workspaceOf('bare', '', 'output: {format: raw}\n', { ...pool, name: 'multipath' })
  const bare = await other.run(['plan'])
  expect([bare.exitCode, bare.stdout]).toEqual([1, expect.stringContaining('TARGET_UNFIT')])
  expect(bare.stdout).toContain('the pool multipath (mpath) takes no disks over libvirt’s connection')
  const late = await other.run(['apply', '--auto-approve', '--no-refresh'])
  expect([late.exitCode, late.stderr]).toEqual([
    1,
    expect.stringContaining('the pool multipath (mpath) takes no disks'),
  ])
})
