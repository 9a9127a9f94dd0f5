import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startCeph } from '../support/ceph.ts'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// Above the ports of screens, below those that the kernel gives to connections; it takes two.
const ceph = startCeph(32_000 + (process.pid % 380) * 2)
const libvirt = startLibvirt()
const scratch = mkdtempSync(join(tmpdir(), 'h2k-scratch-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const secret = '7d3f5a52-0c5e-4b0b-9d5c-51f8d7e6a001'
giveSecret(secret, 'client.h2k', ceph.key)

function giveSecret(uuid: string, usage: string, key?: string, rest = "private='no'"): void {
  const file = join(libvirt.folder, 'secret')
  writeFileSync(
    file,
    `<secret ephemeral='no' ${rest}><uuid>${uuid}</uuid><usage type='ceph'><name>${usage}</name></usage></secret>`,
  )
  libvirt.virsh('secret-define', file)
  if (key === undefined) return
  writeFileSync(file, key)
  libvirt.virsh('secret-set-value', '--secret', uuid, '--file', file)
}

interface PoolOf {
  readonly name: string
  readonly uuid?: string
  readonly port?: number
}

const poolXml = ({ name, uuid = secret, port = ceph.port }: PoolOf) => `<pool type='rbd'><name>${name}</name><source>
  <name>vms</name><host name='127.0.0.1' port='${port}'/>
  <auth type='ceph' username='h2k'><secret uuid='${uuid}'/></auth></source></pool>`

function workspaceOf(name: string, keys: string, more: string = 'output: {format: raw}') {
  const ova = makeOva(temporaryFolder(), name, [{ mib: 12 }])
  const manifest = (some: string, rest = more) =>
    ovaManifest(ova.path, `nics: []\nvm: {mem_gb: 0.25}\n${rest}\nlibvirt_integration: {${some}}\n`)
  const folder = makeWorkspace({
    'h2k.yaml': `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${libvirt.uri}", domain_type: qemu}}
defaults: {target: kvm1}
`,
    [`manifests/${name}.yaml`]: manifest(keys),
  })
  return {
    folder,
    content: ova.contents[0],
    volume: `${name}-vmdisk1.raw`,
    rewrite: (some: string, rest?: string) =>
      writeFileSync(join(folder, `manifests/${name}.yaml`), manifest(some, rest)),
  }
}

async function run(folder: string, args: readonly string[], exitCode: number, env = {}): Promise<string> {
  const ended = await h2k(folder, args, { TMPDIR: scratch, ...env })
  const said = ended.stdout + ended.stderr
  expect(ended.exitCode, said).toBe(exitCode)
  return said
}

const unchanged = async (folder: string) => await run(folder, ['plan', '--detailed-exitcode'], 0)
const sha256 = (volume: string) => {
  const file = join(mkdtempSync(join(scratch, 'export-')), 'image')
  ceph.run('rbd', 'export', '--no-progress', `vms/${volume}`, file)
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
/** The files for which `h2k` made a folder of its own, and what is in them. */
const leftovers = () =>
  readdirSync(scratch, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.parentPath.includes('h2k-rbd-') && entry.isFile())
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'utf8'))
/** A pool that somebody made, where there is none yet. */
function poolThere(): void {
  if (libvirt.virsh('pool-list', '--name').includes('ceph')) return
  const file = join(libvirt.folder, 'pool')
  writeFileSync(file, poolXml({ name: 'ceph' }))
  libvirt.virsh('pool-define', file)
  libvirt.virsh('pool-start', 'ceph')
}

test('a pool of Ceph is made, gets the disk, its machine starts from it, and what changed is told and repaired', async () => {
  const { folder, content, volume } = workspaceOf(
    'alpha',
    'import_to_pool: ceph, pool_xml: ../pool.xml, auto_start: true',
  )
  writeFileSync(join(folder, 'pool.xml'), poolXml({ name: 'ceph' }))
  expect(await run(folder, ['plan'], 0)).toContain(`pool ceph, ${volume}`)
  await run(folder, ['apply', '--auto-approve'], 0)
  expect(sha256(volume)).toBe(content)
  expect(leftovers()).toEqual([])
  const xml = libvirt.xml('alpha')
  expect(xml).toContain(`<source protocol='rbd' name='vms/${volume}'`)
  expect(xml).toContain(`<host name='127.0.0.1' port='${ceph.port}'/>`)
  expect(xml).toContain(`<secret type='ceph' uuid='${secret}'/>`)
  expect(libvirt.virsh('list', '--name')).toContain('alpha')
  await unchanged(folder)
  expect(await run(folder, ['apply', '--auto-approve'], 0)).not.toContain('publish')

  libvirt.virsh('destroy', 'alpha')
  libvirt.define(xml.replace(`port='${ceph.port}'`, "port='6789'"))
  expect(await run(folder, ['drift', '--detailed-exitcode'], 2)).toContain('127.0.0.1:6789')
  await run(folder, ['apply', '--auto-approve'], 0)
  await unchanged(folder)

  libvirt.virsh('destroy', 'alpha')
  ceph.run('rbd', 'resize', '--no-progress', '--size', '16M', `vms/${volume}`)
  const resized = `ceph/${volume}: has 16777216 bytes, recorded 12582912`
  expect(await run(folder, ['drift', '--detailed-exitcode'], 2)).toContain(resized)
  libvirt.virsh('vol-delete', '--pool=ceph', volume)
  expect(await run(folder, ['plan'], 0)).toContain(`the volume ceph/${volume} is missing`)
  await run(folder, ['apply', '--auto-approve'], 0)
  expect(sha256(volume)).toBe(content)

  libvirt.virsh('destroy', 'alpha')
  await run(folder, ['destroy', 'machine.alpha', '--auto-approve'], 0)
  expect(ceph.images()).toEqual([])
  expect(libvirt.virsh('pool-list', '--all', '--name')).not.toContain('ceph')
})

/** A PATH on which qemu-img does something else where its arguments have such words: lines of a shell. */
function qemuImgWith(words: string, lines: string): string {
  const bin = temporaryFolder()
  const real = execFileSync('which', ['qemu-img'], { encoding: 'utf8' }).trim()
  const script = `#!/bin/sh\nreal=${real}\ncase "$*" in *"${words}"*) ${lines} ;; esac\nexec $real "$@"\n`
  writeFileSync(join(bin, 'qemu-img'), script, { mode: 0o755 })
  return `${bin}:${process.env.PATH}`
}

test('a run that was killed while it filled an image goes on, beside the images of others, and the state can be had anew', async () => {
  poolThere()
  ceph.run('rbd', 'create', 'vms/foreign', '--size', '4M')
  const foreign = sha256('foreign')
  const { folder, content, volume } = workspaceOf('beta', 'import_to_pool: ceph')
  const kills = qemuImgWith('--target-image-opts', '(sleep 2; kill -9 $PPID) & shift; exec $real convert -r 1M "$@"')
  const killed = await h2k(folder, ['apply', '--auto-approve'], { TMPDIR: scratch, PATH: kills })
  expect(leftovers().join()).not.toContain(ceph.key)
  expect(leftovers()).not.toEqual([])
  expect(killed.exitCode).not.toBe(0)
  expect(ceph.images()).toContain(volume)
  expect(sha256(volume)).not.toBe(content)
  await run(folder, ['apply', '--auto-approve'], 0)
  expect(sha256(volume)).toBe(content)
  await unchanged(folder)

  await run(folder, ['state', 'rm', 'machine.beta'], 0)
  expect(await run(folder, ['plan'], 1)).toContain('TARGET_TAKEN')
  await run(folder, ['state', 'import', 'machine.beta', '--adopt'], 0)
  await unchanged(folder)
  await run(folder, ['destroy', 'machine.beta', '--auto-approve'], 0)
  expect(ceph.images()).not.toContain(volume)
  expect(sha256('foreign')).toBe(foreign)
  expect(libvirt.virsh('pool-list', '--name')).toContain('ceph')
})

test('a machine whose disk is in Ceph is cut over, rolled back, and what it wrote is not thrown away', async () => {
  poolThere()
  const { folder, volume } = workspaceOf(
    'epsilon',
    'import_to_pool: ceph',
    'output: {format: raw}\ncutover: {shutdown_seconds: 0}',
  )
  await run(folder, ['apply', '--auto-approve'], 0)
  await run(folder, ['cutover', 'machine.epsilon', '--auto-approve'], 0)
  expect(libvirt.virsh('domstate', 'epsilon').trim()).toBe('running')
  await run(folder, ['drift', '--detailed-exitcode'], 0)
  // There is no system in it that would shut down.
  await run(folder, ['rollback', 'machine.epsilon', '--auto-approve', '--force'], 0)
  expect(libvirt.virsh('domstate', 'epsilon').trim()).toBe('shut off')
  ceph.run('rbd', 'bench', '--io-type', 'write', '--io-size', '4096', '--io-total', '4096', `vms/${volume}`)
  const written = sha256(volume)
  await run(folder, ['apply', '--auto-approve'], 0)
  expect(sha256(volume)).toBe(written)
  await run(folder, ['destroy', 'machine.epsilon', '--auto-approve'], 0)
  expect(ceph.images()).not.toContain(volume)
})

test('an image that is not what was sent is told and removed', async () => {
  poolThere()
  const { folder, volume } = workspaceOf('delta', 'import_to_pool: ceph')
  const write = `rbd -c ${ceph.settings} bench --io-type write --io-size 4096 --io-total 4096 vms/${volume} >&2`
  const PATH = qemuImgWith('compare ', write)
  const said = await run(folder, ['apply', '--auto-approve'], 1, { PATH })
  expect(said).toContain(`the volume ceph/${volume} is not what was sent`)
  expect(ceph.images()).not.toContain(volume)
})

test('what a pool of Ceph does not take is refused by the plan', async () => {
  poolThere()
  const { folder, rewrite } = workspaceOf('gamma', 'import_to_pool: ceph', '')
  expect(await run(folder, ['plan'], 1)).toContain('the pool ceph (rbd) takes raw disks, and this one is qcow2')
  rewrite('import_to_pool: ceph, create_snapshot: true', 'output: {format: raw}')
  expect(await run(folder, ['plan'], 1)).toContain('the pool ceph (rbd) has no files, and a snapshot is a file')
})

test('a Ceph that this host cannot write to is told before anything is copied', async () => {
  const [kept, unknown] = ['7d3f5a52-0c5e-4b0b-9d5c-51f8d7e6a002', '7d3f5a52-0c5e-4b0b-9d5c-51f8d7e6a003']
  giveSecret(kept, 'kept', ceph.key, "private='yes'")
  const failing = async (name: string, pool: PoolOf, env = {}) => {
    const { folder } = workspaceOf(name, `import_to_pool: ${pool.name}, pool_xml: ../pool.xml`)
    writeFileSync(join(folder, 'pool.xml'), poolXml(pool))
    const said = await run(folder, ['apply', '--auto-approve'], 1, env)
    expect(said).not.toContain('/convert: started')
    expect(said).not.toContain(ceph.key)
    return said
  }
  const noDriver =
    'unshare -m sh -c \'mount -t tmpfs none /usr/lib/x86_64-linux-gnu/qemu && exec "$@"\' sh $real "$@"; exit $?'
  const [away, without, secret, undriven] = await Promise.all([
    failing('away', { name: 'p1', port: 1 }),
    failing('without', { name: 'p2', uuid: unknown }),
    failing('secret', { name: 'p3', uuid: kept }),
    failing('undriven', { name: 'p4' }, { PATH: qemuImgWith('driver=rbd', noDriver) }),
  ])
  expect(away).toContain('TARGET_UNREACHABLE Ceph, pool vms at 127.0.0.1:1: this host is not let in: error connecting')
  expect(without).toContain('TARGET_UNFIT the key of the pool p2 cannot be had')
  expect(secret).toContain("private='no'")
  expect(undriven).toContain('TOOL_MISSING qemu-img of this host has no driver for Ceph (rbd)')
})
