import { createHash } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { type LibvirtHost, startLibvirtHost } from '../support/libvirt-host.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// Where QEMU emulates QEMU on a busy machine, each word with libvirt takes seconds.
const patience = 1_200_000
let host: LibvirtHost
beforeAll(async () => {
  host = await startLibvirtHost()
}, patience)

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
