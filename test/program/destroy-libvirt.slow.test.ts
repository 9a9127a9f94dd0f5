import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const port = 20_000 + (process.pid % 20_000)
const libvirt = startLibvirt(port)

/** Machines with two disks each in one pool of a libvirt elsewhere, and what h2k asks of it. */
async function machinesElsewhere(poolName: string, names: readonly string[]) {
  const parent = temporaryFolder()
  chmodSync(parent, 0o755)
  const [pool, bin, log] = ['pool', 'bin', 'log'].map((name) => join(parent, name)) as [string, string, string]
  const manifests = names.map((name) => {
    const { path } = makeOva(temporaryFolder(), name, [{ mib: 4 }, { mib: 4 }])
    const keys = `import_to_pool: ${poolName}, pool_path: ${pool}`
    return [`manifests/${name}.yaml`, ovaManifest(path, `nics: []\nlibvirt_integration: {${keys}}\n`)]
  })
  const folder = makeWorkspace({
    'h2k.yaml': `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "qemu+tcp://127.0.0.1:${port}/system", domain_type: qemu}}
defaults: {target: kvm1}
`,
    ...Object.fromEntries(manifests),
  })
  mkdirSync(bin)
  writeFileSync(join(bin, 'virsh'), `#!/bin/sh\necho "$*" >> ${log}\nPATH="\${PATH#*:}" exec virsh "$@"\n`)
  chmodSync(join(bin, 'virsh'), 0o755)
  const applied = await h2k(folder, ['apply', '--auto-approve'])
  expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)
  return {
    folder,
    pool,
    async calls(...args: string[]) {
      rmSync(log, { force: true })
      const ended = await h2k(folder, args, { PATH: `${bin}:${process.env.PATH}` })
      return { ...ended, calls: readFileSync(log, 'utf8').trim().split('\n').length }
    },
  }
}

test('a destroy asks what it needs to know once: of all machines for its plan, and of each before it goes', async () => {
  const { calls, pool } = await machinesElsewhere('first', ['one', 'two', 'three; quit'])
  expect(readdirSync(pool)).toContain('three%3B%20quit-vmdisk1.qcow2')

  // Domains and their XML, pools, the volumes of one, and what these are.
  expect(await calls('destroy', 'machine.one', 'machine.two')).toMatchObject({ exitCode: 7, calls: 5 })
  const two = await calls('destroy', 'machine.one', 'machine.two', '--auto-approve')
  // The same of each, its domain, and two volumes.
  expect(two, two.stderr).toMatchObject({ exitCode: 0, calls: 5 + 2 * 8 })

  // No name is put into a text of several commands in which something could hide. The last one takes the pool away.
  const last = await calls('destroy', 'machine.three*', '--auto-approve')
  expect(last, last.stderr).toMatchObject({ exitCode: 0, calls: 6 + 9 + 2 })
  expect(libvirt.virsh('list', '--all', '--name').trim()).toBe('')
  expect(libvirt.virsh('pool-list', '--all', '--name').trim()).toBe('')
})

test('what somebody did since the plan is seen: a domain that was started, a volume that is gone or was written', async () => {
  const { folder, calls, pool } = await machinesElsewhere('second', ['early', 'late'])
  const plan = async () => {
    rmSync(join(folder, 'plan.h2kplan'), { force: true })
    return (await h2k(folder, ['plan', '--out', 'plan.h2kplan'])).exitCode
  }
  for (const name of ['early', 'late']) {
    const manifest = join(folder, `manifests/${name}.yaml`)
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}on_remove: destroy\n`)
  }
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  for (const name of ['early', 'late']) rmSync(join(folder, `manifests/${name}.yaml`))
  expect(await plan()).toBe(0)
  libvirt.virsh('start', 'early')
  libvirt.virsh('vol-delete', '--pool=second', '--vol=late-vmdisk2.qcow2')
  const refused = await calls('apply', 'plan.h2kplan')
  expect(refused.exitCode, refused.stdout).not.toBe(0)
  expect(libvirt.virsh('domstate', 'early').trim()).toBe('running')
  expect(existsSync(join(pool, 'early-vmdisk1.qcow2'))).toBe(true)
  libvirt.virsh('destroy', 'early')
  const ended = await calls('apply', '--auto-approve')
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(libvirt.virsh('list', '--all', '--name').trim()).toBe('')
})
