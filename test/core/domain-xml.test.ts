import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { NetworkAuth, NetworkSource } from '../../src/core/domain/described-domain.ts'
import { type Domain, domainName, domainUuid, domainXml } from '../../src/core/domain-xml.ts'
import type { Hardware, Nic } from '../../src/core/machine.ts'
import { childrenNamed, parseXml, textOf, type XmlElement } from '../../src/core/xml.ts'
import { hostileNames } from './hostile-names.ts'

const hardware: Hardware = {
  cpus: 2,
  memoryMib: 2048,
  firmware: 'bios',
  secureBoot: false,
  tpm: false,
  machineType: 'q35',
  cpuMode: 'host-passthrough',
  os: 'debian12_64Guest',
}
type DomainDisk = Domain['disks'][number]
const disk = (id: string, bus: DomainDisk['bus'] = 'virtio', bootOrder = 1): DomainDisk => {
  return { id, bus, to: { path: `/vms/${id}.qcow2`, format: 'qcow2' }, bootOrder, driver: { discard: 'unmap' } }
}
const disks = (count: number, ...buses: DomainDisk['bus'][]) =>
  Array.from({ length: count }, (_, index) => disk(`d${index}`, buses[index % buses.length], index + 1))
const ceph = (name: string, secret: NetworkAuth['secret']): NetworkSource => {
  const hosts = [{ name: '192.0.2.1', port: '3300' }, { name: '2001:db8::1' }]
  return { kind: 'network', protocol: 'rbd', name, hosts, auth: { user: 'h2k', secret } }
}
const nic = (rest: Partial<Nic> = {}): Nic => {
  return { id: 'nic0', mac: '00:50:56:aa:bb:01', attach: { kind: 'bridge', name: 'br0' }, model: 'virtio', ...rest }
}
const domain = (rest: Partial<Domain> = {}): Domain => {
  return { workspace: 'exit', name: 'web01', type: 'kvm', hardware, disks: [disk('boot')], nics: [nic()], ...rest }
}

const uefi: Hardware = { ...hardware, firmware: 'uefi' }
const pc: Hardware = { ...hardware, machineType: 'pc' }
const nets: readonly Partial<Nic>[] = [
  { attach: { kind: 'network', name: 'default' }, sourceNetwork: 'VM Network', ip: '10.0.0.7' },
  { attach: { kind: 'network', name: 'née "a" & <b>' }, vlan: 5 },
  { attach: { kind: 'bridge', name: 'br-dmz.110' }, model: 'e1000e' },
  { attach: { kind: 'bridge', name: 'ovs0', openvswitch: true }, vlan: 4094, model: 'vmxnet3' },
  { attach: { kind: 'bridge', name: 'br1' }, vlan: 110, model: 'rtl8139', sourceNetwork: 'true' },
]

// No machine is without a name.
const names = hostileNames.filter((name) => name !== '')
const shapes: Readonly<Record<string, Domain>> = {
  bios: domain(),
  uefi: domain({ hardware: uefi }),
  'secure boot and TPM': domain({ hardware: { ...uefi, secureBoot: true, tpm: true } }),
  'emulated secure boot': domain({ type: 'qemu', hardware: { ...uefi, secureBoot: true } }),
  'firmware of one’s own': domain({ hardware: { ...uefi, loader: '/usr/share/OVMF/OVMF_CODE_4M.fd' } }),
  'firmware and keys of one’s own': domain({
    nvram: '/var/lib/libvirt/qemu/nvram/a.fd',
    hardware: { ...uefi, secureBoot: true, loader: '/f/code.fd', nvramTemplate: '/f/vars.fd' },
  }),
  emulated: domain({ type: 'qemu' }),
  'an old PC with IDE': domain({ hardware: pc, disks: disks(4, 'ide') }),
  'TPM in an old PC': domain({ hardware: { ...pc, tpm: true } }),
  'the host’s model': domain({ hardware: { ...hardware, cpuMode: 'host-model' } }),
  'every feature that there is': domain({ hardware: { ...hardware, cpuMode: 'maximum' } }),
  windows: domain({ hardware: { ...uefi, os: 'windows2019srv_64Guest' } }),
  'windows under emulation': domain({ type: 'qemu', hardware: { ...uefi, os: 'Microsoft Windows 10' } }),
  watchdogs: domain({ hardware: { ...hardware, watchdog: 'inject-nmi' } }),
  'a watchdog in an old PC': domain({ hardware: { ...pc, watchdog: 'reset' } }),
  patched: domain({
    patches: [
      { op: 'replace', path: '/devices/video/model/@type', value: 'virtio' },
      { op: 'add', path: '/devices', value: "<sound model='ich9'/>" },
      { op: 'add', path: '/', value: '<description>by hand</description>' },
      { op: 'remove', path: '/devices/memballoon' },
    ],
  }),
  'no NIC': domain({ nics: [] }),
  'many NICs': domain({
    nics: nets.map((rest, index) => nic({ ...rest, id: `nic${index}`, mac: `00:50:56:00:00:0${index}` })),
  }),
  '30 disks on virtio': domain({ disks: disks(30, 'virtio') }),
  '30 disks on SCSI': domain({ disks: disks(30, 'scsi') }),
  '14 disks on SATA': domain({ disks: disks(14, 'sata') }),
  'disks on all there is': domain({ hardware: pc, disks: disks(16, 'virtio', 'scsi', 'sata', 'ide') }),
  'raw and VDI': domain({
    disks: [
      { ...disk('a'), to: { path: '/vms/a.raw', format: 'raw' } },
      { ...disk('b', 'scsi', 2), to: { path: '/vms/b.vdi', format: 'vdi' } },
    ],
  }),
  'a path that XML minds': domain({
    disks: [{ ...disk('a'), to: { path: '/vms/<a> & "b", \'c\'/ é.qcow2', format: 'qcow2' } }],
  }),
  'disks in Ceph': domain({
    disks: [
      { ...disk('a'), source: ceph('vms/<a>', { uuid: '7d3f5a52-0c5e-4b0b-9d5c-51f8d7e6a001' }) },
      { ...disk('b', 'scsi', 2), source: ceph('vms/b', { usage: 'client.h2k secret' }) },
      { ...disk('c', 'sata', 3), source: { kind: 'network', protocol: 'rbd', name: 'vms/c' } },
    ],
  }),
  'limits and drivers': domain({
    disks: [
      { ...disk('a'), limits: { iops: 500 }, driver: { cache: 'none', io: 'native', discard: 'ignore' } },
      { ...disk('b', 'scsi', 2), limits: { bytesPerSecond: 1 << 30 }, driver: { cache: 'unsafe', discard: 'unmap' } },
      { ...disk('c', 'sata', 3), limits: { iops: 1, bytesPerSecond: 1 }, driver: { io: 'io_uring', discard: 'unmap' } },
    ],
    nics: [
      nic({ limits: { averageKib: 1000 } }),
      nic({
        id: 'b',
        mac: '00:50:56:aa:bb:02',
        vlan: 7,
        limits: { averageKib: 1, peakKib: 4_294_967_295, burstKib: 5 },
      }),
    ],
  }),
  'long ids': domain({ disks: [disk('a'.repeat(70)), disk(`${'a'.repeat(69)}b`, 'virtio', 2)] }),
  '255 CPUs and 4 TiB': domain({ hardware: { ...hardware, cpus: 255, memoryMib: 1 << 22 } }),
  ...Object.fromEntries(
    names.map((name) => [
      `name ${JSON.stringify(name).slice(0, 40)}`,
      domain({ name, nics: [nic({ sourceNetwork: name, ip: name })], hardware: { ...hardware, os: name } }),
    ]),
  ),
}

const tools = ['virt-xml-validate', 'xmllint', 'virsh']
const missing = tools.filter(
  (tool) => !(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool))),
)

// Debian: libvirt-clients and libxml2-utils.
describe.skipIf(missing.length > 0)(
  `libvirt takes the domain${missing.length > 0 ? ` (not here: ${missing.join(', ')})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'h2k-domains-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    const files = Object.entries(shapes).map(([name, shape], index) => {
      const file = join(folder, `${index}.xml`)
      writeFileSync(file, domainXml(shape))
      return { name, file, shape }
    })

    it.concurrent.each(files.map(({ name, file }) => [name, file] as const))(
      'by its schema: %s',
      async (_name, file) => {
        await promisify(execFile)('virt-xml-validate', [file, 'domain']).catch(
          (error: { stderr: string; stdout: string }) => {
            expect.fail(error.stderr + error.stdout)
          },
        )
      },
    )

    it('by its parser, with the names that were meant', () => {
      const uuids = files.map(({ shape }) => domainUuid(shape))
      // Shapes that share a name would replace each other.
      const commands = files.flatMap(({ file }, index) => [
        `define ${file}`,
        `domname ${uuids[index]}`,
        `undefine ${uuids[index]}`,
      ])
      const found = execFileSync('virsh', ['-q', '-c', 'test:///default', commands.join('; ')], { encoding: 'utf8' })
      expect(found.split('\n').filter((line) => line !== '')).toEqual(files.map(({ shape }) => domainName(shape.name)))
    })
  },
)

const xmlOf = (rest: Partial<Domain> = {}) => parseXml(domainXml(domain(rest)), 'domain.xml')
const inside = (element: XmlElement, ...names: string[]) =>
  names.reduce<readonly XmlElement[]>((found, name) => found.flatMap((one) => childrenNamed(one, name)), [element])
const attributesOf = (element: XmlElement, ...names: string[]) =>
  inside(element, ...names).map(({ attributes }) => ({ ...attributes }))

describe('firmware', () => {
  const os = (given: Hardware) => inside(xmlOf({ hardware: given }), 'os')[0]
  it('BIOS says nothing', () => {
    expect(os(hardware)?.attributes).toEqual({})
    expect(os(hardware)?.children.map(({ name }) => name)).toEqual(['type'])
  })

  it.each([
    ['without secure boot', uefi, 'no', 0],
    [
      'with secure boot, its keys, and the mode that keeps the guest out of them',
      { ...uefi, secureBoot: true },
      'yes',
      1,
    ],
  ])('UEFI %s', (_name, given, enabled, smm) => {
    const xml = xmlOf({ hardware: given })
    expect(inside(xml, 'os')[0]?.attributes).toEqual({ firmware: 'efi' })
    expect(attributesOf(xml, 'os', 'firmware', 'feature')).toEqual([
      { enabled, name: 'secure-boot' },
      { enabled, name: 'enrolled-keys' },
    ])
    expect(attributesOf(xml, 'features', 'smm')).toEqual(Array.from({ length: smm }, () => ({ state: 'on' })))
  })

  it('of one’s own is not for libvirt to choose', () => {
    const own = { ...uefi, secureBoot: true, loader: '/f/code.fd', nvramTemplate: '/f/vars.fd' }
    const xml = xmlOf({ hardware: own, nvram: '/n/a.fd' })
    expect(inside(xml, 'os')[0]?.attributes).toEqual({})
    expect(attributesOf(xml, 'os', 'loader')).toEqual([{ readonly: 'yes', secure: 'yes', type: 'pflash' }])
    expect(attributesOf(xml, 'os', 'nvram')).toEqual([{ template: '/f/vars.fd' }])
  })

  it('a TPM is version 2.0 and emulated', () => {
    expect(attributesOf(xmlOf({ hardware: { ...hardware, tpm: true } }), 'devices', 'tpm', 'backend')).toEqual([
      { type: 'emulator', version: '2.0' },
    ])
    expect(inside(xmlOf(), 'devices', 'tpm')).toEqual([])
  })
})

it.each([
  ['kvm', 'host-passthrough', 'host-passthrough'],
  ['kvm', 'maximum', 'maximum'],
  ['qemu', 'host-passthrough', 'maximum'],
  ['qemu', 'host-model', 'host-model'],
] as const)('a %s domain with cpu_mode %s has %s', (type, cpuMode, mode) => {
  expect(attributesOf(xmlOf({ type, hardware: { ...hardware, cpuMode } }), 'cpu')).toEqual([{ mode }])
})

it.each([
  ['windows2019srv_64Guest', 'localtime'],
  ['Windows 10', 'localtime'],
  ['debian12_64Guest', 'utc'],
  ['darwin23_64Guest', 'utc'],
  ['unknown', 'utc'],
])('the clock of %s is %s', (os, offset) => {
  expect(attributesOf(xmlOf({ hardware: { ...hardware, os } }), 'clock')).toEqual([{ offset }])
})

describe('a system', () => {
  it('of Windows gets what Hyper-V has, where KVM can play it', () => {
    const windows = { ...uefi, os: 'windows2019srv_64Guest' }
    const xml = xmlOf({ hardware: windows })
    expect(attributesOf(xml, 'features', 'hyperv', 'spinlocks')).toEqual([{ state: 'on', retries: '8191' }])
    expect(inside(xml, 'features', 'hyperv')[0]?.children.map(({ name }) => name)).toContain('stimer')
    expect(attributesOf(xml, 'clock', 'timer')).toContainEqual({ name: 'hypervclock', present: 'yes' })
    for (const other of [xmlOf({ hardware: windows, type: 'qemu' }), xmlOf()]) {
      expect(inside(other, 'features', 'hyperv')).toEqual([])
      expect(attributesOf(other, 'clock', 'timer')).not.toContainEqual({ name: 'hypervclock', present: 'yes' })
    }
  })

  it('is named in libosinfo’s words where they have some', () => {
    const id = (os: string) =>
      attributesOf(xmlOf({ hardware: { ...hardware, os } }), 'metadata', 'libosinfo', 'os').map((found) => found.id)
    expect(id('debian12_64Guest')).toEqual(['http://debian.org/debian/12'])
    expect(id('windows 2k19')).toEqual(['http://microsoft.com/win/2k19'])
    expect(id('unknown')).toEqual([])
  })

  it('has a watchdog only when it is asked for', () => {
    expect(attributesOf(xmlOf({ hardware: { ...hardware, watchdog: 'poweroff' } }), 'devices', 'watchdog')).toEqual([
      { model: 'i6300esb', action: 'poweroff' },
    ])
    expect(inside(xmlOf(), 'devices', 'watchdog')).toEqual([])
  })
})

describe('disks', () => {
  const targets = (given: readonly DomainDisk[]) =>
    attributesOf(xmlOf({ disks: given }), 'devices', 'disk', 'target').map(({ dev, bus }) => `${bus} ${dev}`)
  it('are named in order, each once, also where two buses share their names', () => {
    expect(targets(disks(8, 'virtio', 'sata', 'scsi', 'ide'))).toEqual([
      'virtio vda',
      'sata sda',
      'scsi sdb',
      'ide hda',
      'virtio vdb',
      'sata sdc',
      'scsi sdd',
      'ide hdb',
    ])
    expect(targets(disks(30, 'virtio')).slice(24)).toEqual([
      'virtio vdy',
      'virtio vdz',
      'virtio vdaa',
      'virtio vdab',
      'virtio vdac',
      'virtio vdad',
    ])
  })

  it('boot in their order, from the file and format that were written', () => {
    const xml = xmlOf({ disks: [disk('data', 'virtio', 2), disk('root', 'virtio', 1)] })
    expect(attributesOf(xml, 'devices', 'disk', 'boot')).toEqual([{ order: '2' }, { order: '1' }])
    expect(attributesOf(xml, 'devices', 'disk', 'source')).toEqual([
      { file: '/vms/data.qcow2' },
      { file: '/vms/root.qcow2' },
    ])
    expect(attributesOf(xml, 'devices', 'disk', 'driver')[0]).toEqual({ name: 'qemu', type: 'qcow2', discard: 'unmap' })
  })

  it('keep to their limits, reads and writes together, and to how they are to be read', () => {
    const xml = xmlOf({
      disks: [
        {
          ...disk('a'),
          limits: { iops: 500, bytesPerSecond: 7 },
          driver: { cache: 'none', io: 'native', discard: 'ignore' },
        },
        disk('b', 'virtio', 2),
      ],
    })
    const [first, second] = inside(xml, 'devices', 'disk')
    const tuned = first && inside(first, 'iotune')[0]
    expect(tuned?.children.map(({ name, text }) => [name, text])).toEqual([
      ['total_bytes_sec', '7'],
      ['total_iops_sec', '500'],
    ])
    expect(second && inside(second, 'iotune')).toEqual([])
    expect(attributesOf(xml, 'devices', 'disk', 'driver')).toEqual([
      { name: 'qemu', type: 'qcow2', cache: 'none', io: 'native', discard: 'ignore' },
      { name: 'qemu', type: 'qcow2', discard: 'unmap' },
    ])
  })

  it('on SCSI hang on one virtio controller, all of them', () => {
    const xml = xmlOf({ disks: disks(30, 'scsi') })
    expect(attributesOf(xml, 'devices', 'controller')).toEqual([{ type: 'scsi', index: '0', model: 'virtio-scsi' }])
    const addresses = attributesOf(xml, 'devices', 'disk', 'address')
    expect(new Set(addresses.map(({ controller }) => controller))).toEqual(new Set(['0']))
    expect(new Set(addresses.map(({ unit }) => unit)).size).toBe(30)
  })

  it('have serials that are short and differ', () => {
    const serials = inside(xmlOf({ disks: shapes['long ids']?.disks ?? [] }), 'devices', 'disk', 'serial').map(
      ({ text }) => text,
    )
    expect(new Set(serials).size).toBe(2)
    for (const serial of serials) expect(serial).toMatch(/^[a-z0-9-]{20}$/)
    expect(inside(xmlOf(), 'devices', 'disk', 'serial')[0]?.text).toBe('boot')
  })
})

describe('NICs', () => {
  const interfaceOf = (given: Partial<Nic>) => {
    const [element] = inside(xmlOf({ nics: [nic(given)] }), 'devices', 'interface')
    return element?.children.map(({ name, attributes, children }) => [
      name,
      { ...attributes },
      ...children.map((child) => ({ ...child.attributes })),
    ])
  }
  it('on a bridge', () => {
    expect(interfaceOf({})).toEqual([
      ['mac', { address: '00:50:56:aa:bb:01' }],
      ['source', { bridge: 'br0' }],
      ['model', { type: 'virtio' }],
      ['address', { type: 'pci', domain: '0', bus: '1', slot: '0', function: '0' }],
    ])
  })

  it('on a network of libvirt, with a tag', () => {
    expect(interfaceOf({ attach: { kind: 'network', name: 'lan' }, vlan: 7 })).toEqual([
      ['mac', { address: '00:50:56:aa:bb:01' }],
      ['source', { network: 'lan' }],
      ['vlan', {}, { id: '7' }],
      ['model', { type: 'virtio' }],
      ['address', { type: 'pci', domain: '0', bus: '1', slot: '0', function: '0' }],
    ])
  })

  it('on Open vSwitch', () => {
    expect(interfaceOf({ attach: { kind: 'bridge', name: 'ovs0', openvswitch: true } })).toContainEqual([
      'virtualport',
      { type: 'openvswitch' },
    ])
  })

  it('keep to their limits in both directions', () => {
    const xml = xmlOf({ nics: [nic({ limits: { averageKib: 1000, peakKib: 2000, burstKib: 512 } })] })
    const way = { average: '1000', peak: '2000', burst: '512' }
    expect(attributesOf(xml, 'devices', 'interface', 'bandwidth', 'inbound')).toEqual([way])
    expect(attributesOf(xml, 'devices', 'interface', 'bandwidth', 'outbound')).toEqual([way])
  })

  it('come in the machine’s order', () => {
    const macs = ['00:50:56:00:00:09', '00:50:56:00:00:01', '00:50:56:00:00:05']
    const xml = xmlOf({ nics: macs.map((mac, index) => nic({ id: `nic${index}`, mac })) })
    expect(attributesOf(xml, 'devices', 'interface', 'mac').map(({ address }) => address)).toEqual(macs)
  })
})

describe('names and identity', () => {
  it.each([
    ['web01', 'web01'],
    ['Web 01 (old)', 'Web 01 (old)'],
    ['.hidden', '.hidden'],
    ['.', '\\u{2e}'],
    ['..', '\\u{2e}.'],
    ['a/b', 'a\\u{2f}b'],
    ['a\nb', 'a\\u{a}b'],
  ])('%j is the domain %s', (name, expected) => {
    expect(domainName(name)).toBe(expected)
  })

  it('is short enough for libvirt’s files, and differs for each machine', () => {
    for (const name of hostileNames)
      expect(new TextEncoder().encode(domainName(name)).length, name).toBeLessThanOrEqual(200)
    expect(new Set(hostileNames.map(domainName)).size).toBe(hostileNames.length)
    expect(domainName(`${'x'.repeat(300)}1`)).not.toBe(domainName(`${'x'.repeat(300)}2`))
  })

  it('is the same UUID for the same machine of the same workspace', () => {
    expect(domainUuid({ workspace: 'exit', name: 'web01' })).toBe('b220d86d-358a-86fe-a303-4180ec72a674')
    expect(domainUuid({ workspace: 'other', name: 'web01' })).not.toBe(domainUuid({ workspace: 'exit', name: 'web01' }))
  })

  it('is the same text for the same machine', () => {
    expect(domainXml(domain())).toBe(domainXml(JSON.parse(JSON.stringify(domain())) as Domain))
  })

  it('keeps what the target does not need in metadata of its own namespace', () => {
    const text = domainXml(domain({ nics: [nic({ sourceNetwork: 'true', ip: '10.0.0.7' })] }))
    expect(text).toContain('<h2k:machine xmlns:h2k="https://h2k.dev/xmlns/machine/1.0">')
    const [machine] = inside(parseXml(text, 'domain.xml'), 'metadata', 'machine')
    if (!machine) throw new Error('no metadata')
    expect(textOf(machine, 'name')).toBe('web01')
    expect(attributesOf(machine, 'nic')).toEqual([{ mac: '00:50:56:aa:bb:01', source_network: 'true', ip: '10.0.0.7' }])
  })
})
