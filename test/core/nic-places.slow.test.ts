import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Domain, domainXml } from '../../src/core/domain-xml.ts'
import { nicPlaces } from '../../src/core/nic-names.ts'
import { childrenNamed, parseXml } from '../../src/core/xml.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-places-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
// libvirt's QEMU driver inside of virsh: no daemon is needed.
const virsh = ['-q', '-c', `qemu:///embed?root=${folder}`]
const there = spawnSync('virsh', [...virsh, 'version']).status === 0

const domain = (machineType: 'q35' | 'pc', models: readonly string[]): Domain => ({
  workspace: 'exit',
  name: 'web01',
  type: 'qemu',
  hardware: {
    cpus: 2,
    memoryMib: 1024,
    firmware: 'bios',
    secureBoot: false,
    tpm: true,
    machineType,
    cpuMode: 'maximum',
    os: 'linux',
  },
  disks: [
    { id: 'a', bus: 'virtio', to: { path: '/a.qcow2', format: 'qcow2' }, bootOrder: 1, driver: { discard: 'unmap' } },
    { id: 'b', bus: 'scsi', to: { path: '/b.qcow2', format: 'qcow2' }, bootOrder: 2, driver: { discard: 'unmap' } },
    { id: 'c', bus: 'sata', to: { path: '/c.qcow2', format: 'qcow2' }, bootOrder: 3, driver: { discard: 'unmap' } },
  ],
  nics: models.map((model, index) => ({
    id: `nic${index}`,
    mac: `00:50:56:00:00:${index + 10}`,
    attach: { kind: 'bridge', name: 'br0' },
    model,
  })),
})

/** Where libvirt says that the NICs are, once it has defined the domain. */
function defined(given: Domain): readonly string[] {
  const file = join(folder, 'domain.xml')
  writeFileSync(file, domainXml(given))
  const output = execFileSync('virsh', [...virsh, `define ${file}; dumpxml web01; undefine web01`], {
    encoding: 'utf8',
  })
  const xml = parseXml(output.slice(output.indexOf('<domain'), output.indexOf('</domain>') + 9), 'domain.xml')
  return childrenNamed(xml, 'devices')
    .flatMap((devices) => childrenNamed(devices, 'interface'))
    .flatMap((nic) => childrenNamed(nic, 'address'))
    .map(({ attributes }) => `${Number(attributes.bus)}:${Number(attributes.slot)}`)
}

// Debian: libvirt-daemon and qemu-system-x86.
describe.skipIf(!there)(`libvirt puts the NICs${there ? '' : ' (not here: libvirt with QEMU)'}`, () => {
  it.each([
    ['q35', ['virtio', 'e1000e', 'virtio', 'virtio']],
    ['pc', ['virtio', 'e1000', 'vmxnet3', 'rtl8139']],
    ['q35', Array.from({ length: 12 }, () => 'virtio')],
    ['pc', Array.from({ length: 16 }, () => 'virtio')],
  ] as const)('where it is told to: %s %j', (machineType, models) => {
    const given = domain(machineType, models)
    expect(defined(given)).toEqual(nicPlaces(machineType, given.nics)?.map(({ bus, slot }) => `${bus}:${slot}`))
  })
})
