import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startLibvirt, virshWith } from '../support/libvirt.ts'
import { contentOf, makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const port = 20_000 + (process.pid % 20_000)
const libvirt = startLibvirt(port)

function workspaceOf(name: string, rest: (pool: string) => string, uri = libvirt.uri) {
  const ova = makeOva(temporaryFolder(), name, [{ mib: 16 }, { mib: 8 }])
  const parent = temporaryFolder()
  chmodSync(parent, 0o755)
  const pool = join(parent, 'pool')
  const manifest = (text: string) => ovaManifest(ova.path, `nics: []\n${text}`)
  const folder = makeWorkspace({
    'h2k.yaml': `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${uri}", domain_type: qemu}}
defaults: {target: kvm1}
`,
    [`manifests/${name}.yaml`]: manifest(rest(pool)),
  })
  return {
    folder,
    pool,
    ova,
    output: join(folder, `output/${name}`),
    rewrite: (text: string) => writeFileSync(join(folder, `manifests/${name}.yaml`), manifest(text)),
  }
}

async function apply(folder: string, ...args: string[]) {
  const ended = await h2k(folder, ['apply', '--auto-approve', ...args])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  return ended
}

const unchanged = async (folder: string) => {
  const plan = await h2k(folder, ['plan', '--detailed-exitcode'])
  expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
}
const integration = (keys: string) => `libvirt_integration: {${keys}}\n`
const missing = (subject: string, uri: string) => {
  return { kind: 'disk', subject, status: 'Missing', detail: `is missing in ${uri}` }
}
const pools = () =>
  libvirt
    .virsh('pool-list', '--all', '--name')
    .split('\n')
    .map((name) => name.trim())
    .filter(Boolean)

describe('a pool', () => {
  test('is made where there is none, gets copies of the disks, keeps what the guest wrote, and goes with the last volume', async () => {
    const { folder, pool, output, ova } = workspaceOf('alpha', (path) =>
      integration(`import_to_pool: fresh, pool_path: ${path}`),
    )
    await apply(folder)
    const volume = join(pool, 'alpha-vmdisk1.qcow2')
    expect(readdirSync(pool).toSorted()).toEqual(['alpha-vmdisk1.qcow2', 'alpha-vmdisk2.qcow2'])
    expect(contentOf(volume, 'qcow2')).toBe(ova.contents[0])
    expect(existsSync(join(output, 'vmdisk1.qcow2'))).toBe(true)
    expect(libvirt.xml('alpha')).toContain(`<source file='${volume}'/>`)
    expect(libvirt.virsh('vol-list', 'fresh')).toContain('alpha-vmdisk1.qcow2')
    await unchanged(folder)

    // As a guest does that writes; the domain is defined anew, and its disks stay its own.
    utimesSync(volume, new Date(), new Date(Date.now() + 60_000))
    const { ino } = statSync(volume)
    libvirt.virsh('undefine', 'alpha')
    await apply(folder)
    expect(statSync(volume).ino).toBe(ino)
    await unchanged(folder)

    const ended = await h2k(folder, ['destroy', 'machine.alpha', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(existsSync(pool) ? readdirSync(pool) : []).toEqual([])
    expect(pools()).not.toContain('fresh')
  })

  test('gets the disks themselves with copy_disks: false', async () => {
    const { folder, pool, output } = workspaceOf('beta', (path) =>
      integration(`import_to_pool: moved, pool_path: ${path}, copy_disks: false, vm_name: beta-vm, auto_start: true`),
    )
    await apply(folder)
    expect(readdirSync(pool).toSorted()).toEqual(['beta-vm-vmdisk1.qcow2', 'beta-vm-vmdisk2.qcow2'])
    expect(readdirSync(output)).toEqual(['domain.xml'])
    await unchanged(folder)
    libvirt.virsh('destroy', 'beta-vm')
  })

  test('of others stays theirs: a volume that h2k did not make is refused, or replaced when git says so', async () => {
    const { folder, pool, rewrite } = workspaceOf('gamma', () => integration('import_to_pool: theirs'))
    libvirt.virsh('pool-define-as', 'theirs', 'dir', '--target', pool)
    libvirt.virsh('pool-build', 'theirs')
    libvirt.virsh('pool-start', 'theirs')
    const volume = join(pool, 'gamma-vmdisk2.qcow2')
    writeFileSync(volume, 'theirs')
    const plan = await h2k(folder, ['plan'])
    expect(plan.exitCode).toBe(1)
    expect(plan.stdout + plan.stderr).toContain(
      'the pool theirs has a volume gamma-vmdisk2.qcow2 that h2k did not make',
    )
    const refused = await h2k(folder, ['apply', '--auto-approve', '--no-refresh'])
    expect(refused.stderr).toContain('TARGET_TAKEN')
    expect(readFileSync(volume, 'utf8')).toBe('theirs')
    rewrite(integration('import_to_pool: theirs, overwrite_volumes: true'))
    await apply(folder)
    expect(statSync(volume).size).toBeGreaterThan(1000)
    await h2k(folder, ['destroy', 'machine.gamma', '--auto-approve'])
    expect(pools()).toContain('theirs')
  })

  test('that machines share goes with the last of them, whoever of them it was made for', async () => {
    const { folder, pool } = workspaceOf('eins', (path) => integration(`import_to_pool: shared, pool_path: ${path}`))
    const other = makeOva(temporaryFolder(), 'zwei', [{ mib: 4 }])
    await apply(folder)
    const keys = 'nics: []\nlibvirt_integration: {import_to_pool: shared}\n'
    writeFileSync(join(folder, 'manifests/zwei.yaml'), ovaManifest(other.path, keys))
    await apply(folder)
    const first = await h2k(folder, ['destroy', 'machine.eins', '--auto-approve'])
    expect(first.exitCode, first.stdout + first.stderr).toBe(0)
    expect(first.stdout).toContain('#volumes/shared stays: it holds 1 volume more')
    expect(readdirSync(pool)).toEqual(['zwei-vmdisk1.qcow2'])
    libvirt.virsh('pool-destroy', 'shared')
    const off = await h2k(folder, ['destroy', 'machine.zwei', '--auto-approve'])
    expect([off.exitCode, off.stdout]).toEqual([1, expect.stringContaining('the pool shared')])
    libvirt.virsh('pool-start', 'shared')
    const last = await h2k(folder, ['destroy', 'machine.zwei', '--auto-approve'])
    expect(last.exitCode, last.stdout + last.stderr).toBe(0)
    expect(last.stdout).toMatch(/- destroy +\S+#volumes\/shared /)
    expect(pools()).not.toContain('shared')

    await apply(folder)
    expect(pools()).toContain('shared')
    const both = await h2k(folder, ['destroy', 'machine.eins', 'machine.zwei', '--auto-approve'])
    expect(both.exitCode, both.stdout + both.stderr).toBe(0)
    expect(pools()).not.toContain('shared')
  })

  test('of another host gets the disks over the connection', async () => {
    const uri = `qemu+tcp://127.0.0.1:${port}/system`
    const { folder, pool, output, ova } = workspaceOf(
      'delta',
      (path) => integration(`import_to_pool: far, pool_path: ${path}, copy_disks: false`),
      uri,
    )
    await apply(folder)
    expect(contentOf(join(pool, 'delta-vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
    expect(existsSync(join(output, 'vmdisk1.qcow2'))).toBe(false)
    expect(libvirt.xml('delta')).toContain(`<source file='${pool}/delta-vmdisk1.qcow2'/>`)
    await unchanged(folder)

    // Behind h2k's back; what was moved there is nowhere else.
    libvirt.virsh('vol-delete', '--pool=far', '--vol=delta-vmdisk1.qcow2')
    const drift = await h2k(folder, ['drift', '--json', '--detailed-exitcode'])
    expect(drift.exitCode).toBe(2)
    expect(drift.data()).toMatchObject({
      machines: [{ status: 'Missing', findings: expect.arrayContaining([missing('far/delta-vmdisk1.qcow2', uri)]) }],
    })
    expect((await h2k(folder, ['plan'])).stdout).toContain('the volume far/delta-vmdisk1.qcow2 is missing')
    await apply(folder)
    expect(contentOf(join(pool, 'delta-vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
    await unchanged(folder)

    const ended = await h2k(folder, ['destroy', 'machine.delta', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(readdirSync(pool)).toEqual([])
    expect(pools()).not.toContain('far')
  })
})

test('a pool is made of the XML that git names, gets the disks of its machine, and goes again', async () => {
  const uri = `qemu+tcp://127.0.0.1:${port}/system`
  const keys = integration('import_to_pool: image, pool_xml: ../pool.xml')
  const { folder, pool: mounted, ova } = workspaceOf('sigma', () => keys, uri)
  const image = join(folder, 'image.ext4')
  execFileSync('mke2fs', ['-q', '-t', 'ext4', image, '64m'])
  mkdirSync(mounted)
  writeFileSync(
    join(folder, 'pool.xml'),
    `<pool type='fs'><name>image</name><source><device path='${image}'/><format type='ext4'/></source>
      <target><path>${mounted}</path></target></pool>`,
  )
  await apply(folder)
  // Only libvirtd sees what it mounted.
  expect(readdirSync(mounted)).toEqual([])
  const copy = join(folder, 'copy.qcow2')
  libvirt.virsh('vol-download', '--pool=image', '--vol=sigma-vmdisk1.qcow2', `--file=${copy}`)
  expect(contentOf(copy, 'qcow2')).toBe(ova.contents[0])
  await unchanged(folder)
  const ended = await h2k(folder, ['destroy', 'machine.sigma', '--auto-approve'])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(pools()).not.toContain('image')
})

test('a pool that cannot take the disks is refused by the plan, before it is made', async () => {
  const { folder } = workspaceOf('phi', () => integration('import_to_pool: wrong, pool_xml: ../pool.xml'))
  const refusal = async (xml?: string) => {
    if (xml !== undefined) writeFileSync(join(folder, 'pool.xml'), xml)
    const { exitCode, stdout } = await h2k(folder, ['plan'])
    expect(exitCode).toBe(1)
    return stdout
  }
  const source = "<source><name>p</name><host name='127.0.0.1'/></source><target><path>/dev/p</path></target>"
  const pool = (type: string, name = 'wrong') => `<pool type='${type}'><name>${name}</name>${source}</pool>`
  expect(await refusal()).toMatch(/FILE_UNREADABLE: machine\.phi: the pool’s XML cannot be read: .*pool\.xml: ENOENT/)
  expect(await refusal(pool('gluster'))).toContain('TARGET_UNFIT: machine.phi: the pool wrong (gluster) takes no disks')
  expect(await refusal(pool('rbd'))).toContain('the pool wrong (rbd) takes raw disks, and this one is qcow2')
  expect(await refusal(pool('logical'))).toContain('the pool wrong (logical) takes raw disks, and this one is qcow2')
  expect(await refusal(pool('dir', 'other'))).toContain('describes the pool "other", and not the pool wrong')
  expect(await refusal('<domain/>')).toContain('describes <domain>, and not the pool wrong')
  expect(await refusal('<pool')).toContain('XML_INVALID')
  // Nor does a run that does not look beforehand make a pool of another name.
  writeFileSync(join(folder, 'pool.xml'), pool('dir', 'other'))
  const failed = await h2k(folder, ['apply', '--auto-approve', '--no-refresh'])
  expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('describes the pool "other"')])
  expect(pools()).not.toContain('other')
})

test('a pool that could not be started is no obstacle to the next run, nor to its end', async () => {
  const { folder } = workspaceOf('tau', () => integration('import_to_pool: broken, pool_xml: ../pool.xml'))
  const target = `<target><path>${join(folder, 'gone')}</path></target>`
  writeFileSync(join(folder, 'pool.xml'), `<pool type='dir'><name>broken</name>${target}</pool>`)
  const failed = await h2k(folder, ['apply', '--auto-approve'])
  expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('pool-start')])
  const plan = await h2k(folder, ['plan'])
  expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
  const ended = await h2k(folder, ['destroy', 'machine.tau', '--auto-approve'])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(pools()).not.toContain('broken')
})

test('a pool that is full is in the plan, and a run that nobody stopped leaves nothing in it', async () => {
  const uri = `qemu+tcp://127.0.0.1:${port}/system`
  const { folder, pool } = workspaceOf('omega', () => integration('import_to_pool: small'), uri)
  // Only libvirtd sees it, as it would on another host.
  mkdirSync(pool)
  libvirt.enter('mount', '-t', 'tmpfs', '-o', 'size=2m', 'small', pool)
  libvirt.virsh('pool-define-as', 'small', 'dir', '--target', pool)
  libvirt.virsh('pool-start', 'small')
  const plan = await h2k(folder, ['plan'])
  expect(plan.stdout).toContain(`error SPACE_SHORT: pool small of ${uri}`)
  const refused = await h2k(folder, ['apply', '--auto-approve'])
  expect(refused.stderr).toContain('SPACE_SHORT')
  const failed = await h2k(folder, ['apply', '--auto-approve', '--no-refresh'])
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toContain('No space left')
  libvirt.virsh('pool-refresh', 'small')
  expect(libvirt.virsh('vol-list', 'small').trim()).toBe('')

  // Nobody can take away what is in a pool that is off: why it is there is told as well.
  const stops = virshWith('vol-delete', { before: `virsh -q -c '${libvirt.uri}' pool-destroy small >&2` })
  const left = await h2k(folder, ['apply', '--auto-approve', '--no-refresh'], { PATH: stops })
  expect(left.exitCode).toBe(1)
  const [why, half] = [
    'No space left',
    'the volume small/omega-vmdisk1.qcow2, which is not whole, could not be removed',
  ]
  expect(left.stderr.indexOf(why)).toBeGreaterThan(0)
  expect(left.stderr.indexOf(half)).toBeGreaterThan(left.stderr.indexOf(why))
  libvirt.virsh('pool-start', 'small')
})

test('two machines of one workspace with one name for a domain or a volume are refused by the plan', async () => {
  const { folder } = workspaceOf('twin', () => integration('vm_name: Same, import_to_pool: p1'))
  const other = makeOva(temporaryFolder(), 'second', [{ mib: 4 }])
  const keys = 'nics: []\nlibvirt_integration: {vm_name: same, import_to_pool: p1}\n'
  writeFileSync(join(folder, 'manifests/second.yaml'), ovaManifest(other.path, keys))
  const plan = await h2k(folder, ['plan'])
  const said = plan.stdout + plan.stderr
  expect(plan.exitCode).toBe(1)
  expect(said).toMatch(/TARGET_COLLISION: machine\.twin: the domain Same of \S+ is used by machine\.second too/)
  expect(said).toMatch(/the volume Same-vmdisk1\.qcow2 in the pool p1 of \S+ is used by machine\.second too/)
})
