import { chmodSync, copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const port = 20_000 + (process.pid % 20_000)
const libvirt = startLibvirt(port)

const config = (uri = libvirt.uri) => `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${uri}", domain_type: qemu}}
defaults: {target: kvm1}
`

async function lost(name: string, rest: string, uri?: string) {
  const ova = makeOva(temporaryFolder(), name, [{ mib: 8, says: 'all is well\n' }, { mib: 4 }], 'efi')
  const folder = makeWorkspace({ 'h2k.yaml': config(uri), [`manifests/${name}.yaml`]: ovaManifest(ova.path, rest) })
  chmodSync(folder, 0o755)
  const run = (...args: string[]) => h2k(folder, args)
  const done = async (...args: string[]) => {
    const ended = await run(...args)
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    return ended
  }
  await done('apply', '--auto-approve')
  onTestFinished(() => {
    if (libvirt.virsh('list', '--name').split('\n').includes(name)) libvirt.virsh('destroy', name)
  })
  return {
    folder,
    run,
    done,
    forget: () => rmSync(join(folder, '.h2k'), { recursive: true, force: true }),
    rewrite: (text: string) => writeFileSync(join(folder, `manifests/${name}.yaml`), ovaManifest(ova.path, text)),
  }
}

const small = 'nics: []\nvm: {mem_gb: 0.125}\n'

test('a machine in a libvirt comes back with its volumes, its snapshot and its UEFI variables', async () => {
  const pool = temporaryFolder()
  chmodSync(pool, 0o755)
  const wants = `${small}libvirt_integration: {import_to_pool: ${basename(pool)}, pool_path: ${pool}, create_snapshot: true, autostart: true}\n`
  const { run, done, forget, rewrite } = await lost('web', wants)
  const volume = join(pool, 'web-vmdisk1.qcow2')
  const before = { xml: libvirt.xml('web'), ino: statSync(volume).ino }
  forget()
  expect((await run('apply', '--auto-approve')).exitCode).toBe(1)
  const ended = await done('state', 'import', 'web', '--adopt')
  for (const own of [volume, `${volume}.pre-first-boot`, '#domain/', '#snapshot/']) expect(ended.stdout).toContain(own)
  await done('plan', '--detailed-exitcode')
  await done('drift', '--deep', '--detailed-exitcode')
  await done('apply', '--auto-approve')
  expect({ xml: libvirt.xml('web'), ino: statSync(volume).ino }).toEqual(before)

  rewrite(wants.replace('0.125', '0.25'))
  await done('apply', '--auto-approve')
  expect(libvirt.xml('web')).toContain('pre-first-boot')
  expect(statSync(volume).ino).toBe(before.ino)
  // What the machine wrote nobody knows: that is not thrown away.
  rewrite(`${wants}output: {format: raw}\n`)
  expect((await run('plan')).stdout).toContain('DISK_WRITTEN')
  // Nor moved away from under its overlay.
  rewrite(wants.replace('create_snapshot', 'vm_name: other, create_snapshot'))
  const moved = await run('apply', '--auto-approve')
  expect([moved.exitCode, moved.stderr]).toEqual([1, expect.stringContaining('DISK_WRITTEN')])
  expect(statSync(volume).ino).toBe(before.ino)
  rewrite(wants)
  await done('apply', '--auto-approve')
  await done('destroy', '--auto-approve', 'web')
  expect(libvirt.virsh('list', '--all', '--name')).not.toContain('web')
})

test('one that was cut over stays so, and one that somebody changed says what the next apply changes', async () => {
  const wants = `${small}cutover: {shutdown_seconds: 1}\nlibvirt_integration: {autostart: true}\n`
  const { done, forget } = await lost('shop', wants)
  await done('cutover', 'shop', '--auto-approve')
  const id = libvirt.virsh('domid', 'shop')
  forget()
  const looked = await done('state', 'import', 'shop')
  expect(looked.stdout).toContain('the domain shop is changed: autostart: true -> false')
  await done('state', 'import', 'shop', '--adopt', '--cut-over')
  const plan = await done('plan', '--detailed-exitcode')
  expect(plan.stdout).toContain('cut over at')
  expect(libvirt.virsh('domid', 'shop')).toBe(id)

  libvirt.virsh('setvcpus', 'shop', '1', '--config')
  forget()
  const changed = await done('state', 'import', 'shop', '--adopt', '--cut-over')
  expect(changed.stdout).toMatch(/the domain shop is changed: cpus: 1 -> 2/)
  await done('apply', '--auto-approve')
  await done('plan', '--detailed-exitcode')
  await done('rollback', 'shop', '--force', '--auto-approve')
})

test('a domain that somebody made by hand is adopted with its UUID, and defined anew without a copy', async () => {
  const { folder, done, run, forget, rewrite } = await lost('mine', small)
  const disk = join(folder, 'output/mine/vmdisk1.qcow2')
  const other = join(folder, 'vmdisk2-by-hand.qcow2')
  const xml = libvirt.xml('mine')
  copyFileSync(join(folder, 'output/mine/vmdisk2.qcow2'), other)
  libvirt.virsh('undefine', 'mine', '--nvram')
  rmSync(join(folder, 'output/mine/domain.xml'))
  rmSync(join(folder, 'output/mine/vmdisk2.qcow2'))
  forget()
  const uuid = '11111111-2222-4333-8444-555555555555'
  libvirt.define(
    xml
      .replace(/<uuid>.*<\/uuid>/, `<uuid>${uuid}</uuid>`)
      .replace(/<metadata>[\s\S]*<\/metadata>/, '')
      .replaceAll(/<serial>vmdisk.<\/serial>/g, '')
      .replace(/<nvram[\s\S]*?<\/nvram>/, '<nvram>/var/lib/libvirt/qemu/nvram/by-hand.fd</nvram>')
      .replace(join(folder, 'output/mine/vmdisk2.qcow2'), other),
  )
  const refused = await run('state', 'import', 'mine', '--adopt')
  expect(refused.stderr).toContain('vmdisk2.qcow2 is not there')
  rewrite(`${small}disks:
  - {id: vmdisk1, source_format: vmdk, bytes: 8388608, local_path: mine-disk1.vmdk}
  - {id: vmdisk2, source_format: vmdk, bytes: 4194304, local_path: mine-disk2.vmdk, target_path: ../vmdisk2-by-hand.qcow2}
`)
  const before = [disk, other].map((path) => statSync(path, { bigint: true }).mtimeNs)
  const ended = await done('state', 'import', 'mine', '--adopt')
  expect(ended.stdout).toContain('bears no mark of h2k')
  const plan = await run('plan')
  expect(plan.stdout, plan.stderr).toMatch(/machine\.mine will be updated/)
  expect(plan.stdout).not.toContain('convert')
  await done('apply', '--auto-approve')
  expect(libvirt.virsh('domuuid', 'mine').trim()).toBe(uuid)
  expect(libvirt.xml('mine')).toContain('<h2k:name>mine</h2k:name>')
  expect(libvirt.xml('mine')).toContain('nvram/by-hand.fd')
  expect([disk, other].map((path) => statSync(path, { bigint: true }).mtimeNs)).toEqual(before)
  await done('plan', '--detailed-exitcode')
  await done('destroy', '--auto-approve', 'mine')
  expect(libvirt.virsh('list', '--all', '--name')).not.toContain('mine')
})

test('volumes of another host are read over the connection', async () => {
  const parent = temporaryFolder()
  chmodSync(parent, 0o755)
  const uri = `qemu+tcp://127.0.0.1:${port}/system`
  for (const copies of [true, false]) {
    const name = copies ? 'far' : 'away'
    const pool = `pool_path: ${parent}/${name}, import_to_pool: ${name}`
    const { done, run, forget } = await lost(
      name,
      `${small}libvirt_integration: {${pool}, copy_disks: ${copies}}\n`,
      uri,
    )
    forget()
    const ended = await done('state', 'import', name, '--adopt')
    expect(ended.stdout).toContain(`${uri}#volume/${name}/${name}-vmdisk1.qcow2`)
    await done('plan', '--detailed-exitcode')
    await done('drift', '--detailed-exitcode')
    libvirt.virsh('vol-delete', '--pool', name, '--vol', `${name}-vmdisk2.qcow2`)
    forget()
    const gone = await run('state', 'import', name, '--adopt')
    expect([gone.exitCode, gone.stderr]).toEqual([
      1,
      expect.stringContaining(`has no volume ${name}/${name}-vmdisk2.qcow2`),
    ])
  }
})

test('the domain of another machine is refused', async () => {
  const { run, forget, folder } = await lost('theirs', small)
  forget()
  writeFileSync(join(folder, 'h2k.yaml'), config().replace('name: test', 'name: other'))
  const { stderr, exitCode } = await run('state', 'import', 'theirs', '--adopt')
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('is that of machine.theirs of the workspace test')])
})
