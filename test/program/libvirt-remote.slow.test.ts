import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LibvirtHost, startLibvirtHost } from '../support/libvirt-host.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// Where QEMU emulates QEMU on a busy machine, each word with libvirt takes seconds.
const patience = 1_200_000
let host: LibvirtHost
beforeAll(async () => {
  host = await startLibvirtHost()
}, patience)
afterAll(async () => await host?.stop())

interface Wanted {
  readonly name: string
  readonly mib: number
  readonly format?: string
  /** Of `libvirt_integration`. */
  readonly keys: string
}

function manifestOf({ name, mib, keys, format = 'raw' }: Wanted) {
  const ova = makeOva(temporaryFolder(), 'box', [{ mib, dataMib: Math.ceil(mib / 2) }])
  const rest = `nics: []
vm: {mem_gb: 0.25}
output: {format: ${format}}
libvirt_integration: {${keys}}
`
  const text = ovaManifest(ova.path, rest).replace('{provider: ova,', `{provider: ova, vm_name: "${name}",`)
  return { text, content: ova.contents[0] }
}

function workspaceOf(files: Readonly<Record<string, string>>): string {
  const config = `h2k_version: 1
name: far
connections: {kvm1: {type: libvirt, uri: "${host.uri}"}}
defaults: {target: kvm1}
`
  return makeWorkspace({ 'h2k.yaml': config, ...files })
}

async function run(folder: string, args: readonly string[], exitCode: number, env = host.env): Promise<string> {
  const ended = await h2k(folder, args, env)
  const said = ended.stdout + ended.stderr
  expect(ended.exitCode, said).toBe(exitCode)
  return said
}

const sha256 = async (file: string) => (await host.shell(`sha256sum <'${file}'`)).slice(0, 64)
const names = async (command: string) => {
  const lines = (await host.shell(command)).split('\n').map((line) => line.trim())
  return lines.filter(Boolean).toSorted()
}
const volumes = async () => await names('lvs --noheadings -o lv_name vg0')

test('a volume group holds what was sent and nothing else, and is left as it was found', {
  timeout: patience,
}, async () => {
  // All of the group was used before, and one volume is somebody's.
  await host.shell('lvcreate -qq -y -n old -l 100%FREE vg0 && (dd if=/dev/urandom of=/dev/vg0/old bs=1M 2>&1 || true)')
  await host.shell('lvremove -qq -y vg0/old && lvcreate -qq -y -Z n -W n -n foreign -L 8m vg0')
  const foreign = await sha256('/dev/vg0/foreign')
  const { text, content } = manifestOf({ name: 'lvm', mib: 6, keys: 'import_to_pool: group, pool_xml: ../group.xml' })
  const folder = workspaceOf({
    'manifests/group.yaml': text,
    'group.xml': `<pool type='logical'><name>group</name><source><name>vg0</name></source>
      <target><path>/dev/vg0</path></target></pool>`,
  })
  await run(folder, ['apply', '--auto-approve'], 0)
  expect(await volumes()).toEqual(['foreign', 'lvm-vmdisk1.raw'])
  expect((await host.shell('head -c 6291456 /dev/vg0/lvm-vmdisk1.raw | sha256sum')).slice(0, 64)).toBe(content)
  // The group gives 8 MiB for 6.
  const rest = createHash('sha256')
    .update(Buffer.alloc(2 ** 21))
    .digest('hex')
  expect((await host.shell('tail -c 2097152 /dev/vg0/lvm-vmdisk1.raw | sha256sum')).slice(0, 64)).toBe(rest)
  expect(await host.shell('virsh dumpxml lvm')).toContain("<source dev='/dev/vg0/lvm-vmdisk1.raw'/>")

  await host.shell('virsh vol-delete --pool group lvm-vmdisk1.raw')
  expect(await run(folder, ['drift', '--detailed-exitcode'], 2)).toContain('group/lvm-vmdisk1.raw: is missing')
  await run(folder, ['destroy', 'machine.lvm', '--auto-approve'], 0)
  expect(await names('virsh -q list --all --name')).toEqual([])
  expect(await volumes()).toEqual(['foreign'])
  expect(await sha256('/dev/vg0/foreign')).toBe(foreign)
})

test('a folder that comes by NFS is mounted, its machine starts from an overlay there, and it is unmounted in the end', {
  timeout: patience,
}, async () => {
  const keys = 'import_to_pool: share, pool_xml: ../share.xml, create_snapshot: true, auto_start: true'
  const { text, content } = manifestOf({ name: 'größe 中', mib: 8, format: 'qcow2', keys })
  const folder = workspaceOf({
    'manifests/share.yaml': text,
    'share.xml': `<pool type='netfs'><name>share</name>
      <source><host name='127.0.0.1'/><dir path='/srv/nfs'/><format type='nfs'/></source>
      <target><path>/mnt</path></target></pool>`,
  })
  await run(folder, ['apply', '--auto-approve'], 0)
  expect(await names('virsh -q list --name')).toEqual(['größe 中'])
  await host.shell('virsh destroy "größe 中"')
  expect(await host.shell('cat /proc/mounts')).toMatch(/ \/mnt nfs4 /)
  const [volume = '', overlay] = await names('ls /mnt')
  expect(overlay).toBe(`${volume}.pre-first-boot`)
  await host.shell(`qemu-img convert -U -O raw '/mnt/${volume}' /srv/content.raw`)
  expect(await sha256('/srv/content.raw')).toBe(content)

  // libvirt removes a file on NFS as its owner, who is QEMU's user by now.
  const gone = ['destroy', 'machine.größe 中', '--auto-approve']
  expect(await run(folder, gone, 1)).toContain('give the folder of the pool to the user that QEMU runs as')
  await host.shell('chown libvirt-qemu /srv/nfs')
  await run(folder, gone, 0)
  expect(await names('ls /srv/nfs')).toEqual([])
  expect(await host.shell('cat /proc/mounts')).not.toContain(' /mnt ')
})

test('a full pool and a name that LVM has not are in the plan; an upload that is cut is sent anew', {
  timeout: patience,
}, async () => {
  await host.shell('virsh pool-define-as theirs logical --source-name vg0 --target /dev/vg0 && virsh pool-start theirs')
  await host.shell('virsh pool-define-as plain dir --target /srv/dir && virsh pool-start plain')
  await host.shell('head -c 1000000 /dev/urandom >/srv/dir/foreign.raw')
  const foreign = await sha256('/srv/dir/foreign.raw')
  const cut = manifestOf({ name: 'cut', mib: 64, keys: 'import_to_pool: plain' })
  const folder = workspaceOf({
    'manifests/cut.yaml': cut.text,
    'manifests/big.yaml': manifestOf({ name: 'big', mib: 300, keys: 'import_to_pool: theirs' }).text,
    'manifests/name.yaml': manifestOf({ name: 'größe', mib: 4, keys: 'import_to_pool: theirs' }).text,
  })
  const before = await volumes()
  const plan = await run(folder, ['plan'], 1)
  expect(plan).toContain('LVM has no such names')
  expect(plan).toContain('SPACE_SHORT: pool theirs')
  const full = await run(folder, ['apply', '--only', 'machine.big', '--auto-approve', '--no-refresh'], 1)
  expect(full).toContain('insufficient free space')
  expect(await volumes()).toEqual(before)

  const one = ['apply', '--only', 'machine.cut', '--auto-approve']
  const failed = await run(folder, one, 1, { PATH: host.cuttingAt('vol-upload') })
  expect(failed).toContain('TARGET_UNREACHABLE')
  expect(failed).not.toContain('it has to need no password')
  expect(await sha256('/srv/dir/cut-vmdisk1.raw')).not.toBe(cut.content)
  await run(folder, one, 0)
  expect(await sha256('/srv/dir/cut-vmdisk1.raw')).toBe(cut.content)
  // Holes stay holes.
  expect(Number(await host.shell('du -m /srv/dir/cut-vmdisk1.raw | cut -f 1'))).toBeLessThan(40)
  await run(folder, ['destroy', 'machine.cut', '--auto-approve'], 0)
  expect(await names('ls /srv/dir')).toEqual(['foreign.raw'])
  expect(await sha256('/srv/dir/foreign.raw')).toBe(foreign)
})
