import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startLibvirt } from '../support/libvirt.ts'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const libvirt = startLibvirt()

const domain = (name: string, image: string) => `<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>512</memory>
  <vcpu>2</vcpu>
  <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${image}'/><target dev='vda' bus='virtio'/></disk>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='e1000e'/></interface>
  </devices>
</domain>`

function workspaceWith(name: string): string {
  const folder = makeWorkspace({})
  qemuImg('create', '-q', '-f', 'qcow2', join(folder, 'a.qcow2'), '16M')
  libvirt.define(domain(name, join(folder, 'a.qcow2')))
  return folder
}

const importFrom = (folder: string, uri: string, ...args: string[]) =>
  h2k(folder, ['import', '--uri', uri, ...args.flatMap((name) => ['--domain', name])])

test('a domain is imported from its libvirt, by name and by UUID, as its XML would be', async () => {
  const folder = workspaceWith('--all')
  const uuid = libvirt.virsh('domuuid', '--', '--all').trim()
  const byName = await h2k(folder, ['import', '--uri', libvirt.uri, '--domain=--all', '--out', '-'])
  expect(byName.exitCode, byName.stderr).toBe(0)
  const manifest = parse(byName.stdout)
  expect(manifest).toMatchObject({
    source: { provider: 'libvirt', vm_name: '--all', vm_id: uuid },
    vm: { cpu: 2, mem_gb: 0.5, firmware: 'uefi', machine_type: 'q35' },
    disks: [{ id: 'vda', source_format: 'qcow2', bytes: 16 << 20, bus: 'virtio' }],
    nics: [{ network: 'br0', mac: '52:54:00:00:00:01', model: 'e1000e' }],
  })
  expect((await importFrom(folder, libvirt.uri, uuid)).exitCode).toBe(0)
  expect(parse(readFileSync(join(folder, 'manifests/%2d-all.yaml'), 'utf8')).source).toEqual(manifest.source)
  const applied = await h2k(folder, ['apply', '--auto-approve'])
  expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)
})

test('of a disk that is on another host libvirt says how large it is', async () => {
  const folder = makeWorkspace({})
  // Only that libvirt has this folder there.
  const image = '/var/lib/libvirt/images/h2k-elsewhere.qcow2'
  libvirt.enter('qemu-img', 'create', '-q', '-f', 'qcow2', image, '24M')
  libvirt.define(domain('elsewhere', image))
  const found = await importFrom(folder, libvirt.uri, 'elsewhere')
  expect(found.exitCode, found.stderr).toBe(0)
  expect(found.stderr).toContain(`disk vda: ${image} is not on this host: copy it here before h2k apply`)
  const { disks } = parse(readFileSync(join(folder, 'manifests/elsewhere.yaml'), 'utf8'))
  expect(disks).toMatchObject([{ bytes: 24 << 20, local_path: image }])
  expect((await h2k(folder, ['validate'])).exitCode).toBe(0)
  libvirt.enter('rm', image)
  const gone = await h2k(folder, ['import', '--uri', libvirt.uri, '--domain', 'elsewhere', '--force'])
  expect(gone.stderr).toContain(`SOURCE_MISSING: disk vda: ${image} is not on this host`)
})

test('a domain that is not there is told apart from a libvirt that is not', async () => {
  const folder = workspaceWith('web01')
  const missing = await importFrom(folder, libvirt.uri, 'web02', 'web01')
  expect(missing.exitCode).toBe(1)
  expect(missing.stderr).toMatch(/error SOURCE_MISSING: .* has no domain "web02"\n {2}-> did you mean "web01"\?/)
  expect(missing.stdout).toContain('web01.yaml')
  const away = await importFrom(folder, `qemu+unix:///system?socket=${folder}/none`, 'web01')
  expect(away.exitCode).toBe(1)
  expect(away.stderr).toMatch(/error TARGET_UNREACHABLE: /)
  expect(away.stderr).not.toContain('SOURCE_MISSING')
})

test('a running domain is imported with a warning', async () => {
  const folder = makeWorkspace({})
  const os = "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
  libvirt.define(`<domain type='qemu'><name>busy</name><memory unit='MiB'>64</memory>${os}</domain>`)
  libvirt.virsh('start', 'busy')
  try {
    const { stderr } = await importFrom(folder, libvirt.uri, 'busy')
    expect(stderr).toMatch(/machine\.busy warning SOURCE_DIFFERS: the domain is running/)
  } finally {
    libvirt.virsh('destroy', 'busy')
  }
})
