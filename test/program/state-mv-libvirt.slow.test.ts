import { chmodSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'

const libvirt = startLibvirt()

const config = `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${libvirt.uri}", domain_type: qemu}}
defaults: {target: kvm1}
`
const restIn = (pool: string) => `nics: []
vm: {mem_gb: 0.125, firmware: uefi}
cutover: {require_approval: true, shutdown_seconds: 1}
libvirt_integration: {import_to_pool: ${basename(pool)}, pool_path: ${pool}, create_snapshot: true, VM}
`

async function applied(name: string) {
  const pool = temporaryFolder()
  const ova = makeOva(temporaryFolder(), name, [{ mib: 8, says: 'all is well\n' }])
  const manifest = (vm = '') => ovaManifest(ova.path, restIn(pool).replace(', VM', vm))
  const folder = makeWorkspace({ 'h2k.yaml': config, [`manifests/${name}.yaml`]: manifest() })
  chmodSync(folder, 0o755)
  chmodSync(pool, 0o755)
  const run = (...args: string[]) => h2k(folder, args)
  const ended = await run('apply', '--auto-approve')
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  const fileOf = (machine: string) => join(folder, `manifests/${machine}.yaml`)
  return {
    folder,
    run,
    manifest,
    fileOf,
    disk: join(pool, `${name}-vmdisk1.qcow2`),
    rename: (to: string) => renameSync(fileOf(name), fileOf(to)),
    nothingToDo: async () => {
      const plan = await run('plan', '--detailed-exitcode')
      expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
    },
  }
}

test('a machine in a libvirt is renamed and keeps domain, UUID, volumes, snapshot, approval and what it is doing', async () => {
  const { run, rename, disk, nothingToDo, fileOf, manifest } = await applied('web01')
  expect((await run('approve', 'web01', '--by', 'board')).exitCode).toBe(0)
  const was = { xml: libvirt.xml('web01'), modified: statSync(disk, { bigint: true }).mtimeNs }
  rename('shop01')
  const moved = await run('state', 'mv', 'web01', 'shop01')
  expect([moved.exitCode, moved.stdout]).toEqual([0, expect.stringContaining('h2k apply copies nothing again.')])
  expect(moved.stdout).toContain(`${libvirt.uri}#domain/`)
  await nothingToDo()
  expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)

  // The approval is still that of this machine.
  const cutover = await run('cutover', 'shop01', '--auto-approve')
  expect(cutover.exitCode, cutover.stdout + cutover.stderr).toBe(0)
  const running = [libvirt.virsh('domid', 'web01'), libvirt.xml('web01')]
  await nothingToDo()
  const apply = await run('apply', '--auto-approve')
  expect([apply.exitCode, libvirt.virsh('domid', 'web01'), libvirt.xml('web01')]).toEqual([0, ...running])
  expect((await run('rollback', 'shop01', '--force', '--auto-approve')).exitCode).toBe(0)

  // Memory is another one: the plan says which domain that is.
  writeFileSync(fileOf('shop01'), manifest().replace('0.125', '0.25'))
  const plan = await run('plan')
  expect(plan.stdout).toContain('domain web01')
  expect(plan.stdout).toContain('made as machine.web01, whose names it keeps')
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  expect(statSync(disk, { bigint: true }).mtimeNs).toBe(was.modified)
  expect(libvirt.virsh('domuuid', 'web01').trim()).toBe(/<uuid>(.*)<.uuid>/.exec(was.xml)?.[1])

  // Unless git says otherwise.
  const uuid = libvirt.virsh('domuuid', 'web01')
  writeFileSync(fileOf('shop01'), manifest(', vm_name: shop01').replace('0.125', '0.25'))
  const named = await run('apply', '--auto-approve')
  expect(named.exitCode, named.stdout + named.stderr).toBe(0)
  expect(libvirt.virsh('domuuid', 'shop01')).toBe(uuid)
  await nothingToDo()
  rmSync(fileOf('shop01'))
  const gone = await run('destroy', '--auto-approve', 'shop01')
  expect(gone.exitCode, gone.stdout + gone.stderr).toBe(0)
  expect(libvirt.virsh('list', '--all', '--name').trim()).toBe('')
})

test('killed at any moment it was renamed or it was not', async () => {
  const { folder, run, rename, nothingToDo } = await applied('old')
  rename('new')
  for (let milliseconds = 0; milliseconds < 900; milliseconds += 150) {
    const { child, ended } = start(folder, ['state', 'mv', 'old', 'new'])
    await pause(milliseconds)
    child.kill('SIGKILL')
    await ended
    const names = (await run('state', 'list', '--json')).data<{ machines: readonly { address: string }[] }>().machines
    expect(names).toHaveLength(1)
    if (names[0]?.address === 'machine.old') continue
    await nothingToDo()
    expect((await run('state', 'mv', 'new', 'old')).exitCode).toBe(0)
  }
  expect((await run('state', 'mv', 'old', 'new')).exitCode).toBe(0)
  await nothingToDo()
})
