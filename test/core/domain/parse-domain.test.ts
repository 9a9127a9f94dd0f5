import { describe, expect, it } from 'vitest'
import { parseDomain } from '../../../src/core/domain/parse-domain.ts'
import { bytesOf } from '../../../src/core/domain/quantity.ts'
import { refusalLines } from '../../support/refusal.ts'

const xml = ({
  os = '<type>hvm</type>',
  devices = '',
  rest = '<memory>1048576</memory>',
  attributes = 'type="kvm"',
} = {}) => `<domain ${attributes}><name>web01</name>${rest}<os>${os}</os><devices>${devices}</devices></domain>`
const parse = (parts: Parameters<typeof xml>[0]) => parseDomain(xml(parts), 'web01.xml')

describe('memory', () => {
  it.each([
    ['1024', undefined, 1 << 20],
    ['1', 'b', 1],
    ['1', 'bytes', 1],
    ['1', 'KB', 1000],
    ['1', 'k', 1024],
    ['1', 'KiB', 1024],
    ['1', 'MB', 1_000_000],
    ['1', 'M', 1 << 20],
    ['2', 'gib', 2 ** 31],
    ['1', 'GB', 1e9],
    ['1', 'TiB', 2 ** 40],
    ['8191', 'TiB', 8191 * 2 ** 40],
    ['1', 'PiB', 2 ** 50],
    ['1', 'EiB', undefined],
    ['-1', 'KiB', undefined],
    ['1.5', 'GiB', undefined],
    ['1', 'furlong', undefined],
    ['1', 'kiloB', undefined],
    ['1', '', undefined],
    ['', 'KiB', undefined],
    ['99999999999999999999999', 'b', undefined],
  ])('%s %s', (amount, unit, bytes) => {
    expect(bytesOf(amount, unit)).toBe(bytes)
  })

  it('is what the guest has at most, and what it gets of that', () => {
    const rest = '<memory unit="GiB">8</memory><currentMemory unit="MiB">2048</currentMemory>'
    expect(parse({ rest })).toMatchObject({ memoryBytes: 2 ** 33, currentMemoryBytes: 2 ** 31 })
  })
})

it.each([
  ['', 1, 1],
  ['<vcpu placement="static" cpuset="0-3">4</vcpu>', 4, 4],
  ['<vcpu current="2">8</vcpu>', 2, 8],
])('CPUs: %s', (vcpu, cpus, maximumCpus) => {
  expect(parse({ rest: `<memory>1024</memory>${vcpu}` })).toMatchObject({ cpus, maximumCpus })
})

describe('firmware', () => {
  const secure = '<firmware><feature enabled="yes" name="secure-boot"/>'
  it.each([
    ['nothing', '', { kind: 'bios', secureBoot: false }],
    ['a ROM', '<loader type="rom">/usr/share/seabios/bios.bin</loader>', { kind: 'bios' }],
    ['OVMF as a ROM', '<loader type="rom">/usr/share/OVMF/OVMF.fd</loader>', { kind: 'uefi', secureBoot: false }],
    ['flash', '<loader readonly="yes" type="pflash">/ovmf/CODE.fd</loader>', { kind: 'uefi', loader: '/ovmf/CODE.fd' }],
    ['a secure loader', '<loader type="pflash" secure="yes">/c.fd</loader>', { kind: 'uefi', secureBoot: true }],
    [
      'variables alone',
      '<nvram template="/VARS.fd">/nvram/web01.fd</nvram>',
      { kind: 'uefi', nvram: '/nvram/web01.fd', nvramTemplate: '/VARS.fd' },
    ],
    ['variables in a source', '<nvram type="file"><source file="/n.fd"/></nvram>', { kind: 'uefi', nvram: '/n.fd' }],
    [
      'features',
      `${secure}<feature enabled="yes" name="enrolled-keys"/></firmware>`,
      { kind: 'uefi', secureBoot: true, withoutKeys: false },
      'efi',
    ],
    ['secure boot alone', `${secure}</firmware>`, { secureBoot: true, withoutKeys: false }, 'efi'],
    [
      'no keys',
      `${secure}<feature enabled="no" name="enrolled-keys"/></firmware>`,
      { secureBoot: false, withoutKeys: true },
      'efi',
    ],
    ['BIOS by name', '<loader type="rom"/>', { kind: 'bios' }, 'bios'],
    ['UEFI by name', '', { kind: 'uefi', secureBoot: false }, 'efi'],
  ])('%s', (_name, os, expected, firmware = '') => {
    const text = xml({ os: `<type>hvm</type>${os}` })
    const named = firmware === '' ? text : text.replace('<os>', `<os firmware="${firmware}">`)
    expect(parseDomain(named, 'web01.xml').firmware).toMatchObject(expected)
  })
})

describe('disks', () => {
  const disk = (inside: string, attributes = '') => parse({ devices: `<disk ${attributes}>${inside}</disk>` }).disks[0]
  it.each([
    ['type="file"', '<source file="/a b.img"/>', { kind: 'file', path: '/a b.img' }],
    ['type="block"', '<source dev="/dev/vg/lv"/>', { kind: 'block', path: '/dev/vg/lv' }],
    ['type="dir"', '<source dir="/srv"/>', { kind: 'dir', path: '/srv' }],
    ['type="volume"', '<source pool="p" volume="v.qcow2"/>', { kind: 'volume', pool: 'p', volume: 'v.qcow2' }],
    [
      'type="network"',
      '<source protocol="rbd" name="vms/web"/>',
      { kind: 'network', protocol: 'rbd', name: 'vms/web' },
    ],
    [
      'type="network"',
      '<source protocol="rbd" name="vms/web"><host name="a"/><host name="b" port="3300"/></source><auth username="u"><secret type="ceph" usage="s"/></auth>',
      {
        kind: 'network',
        protocol: 'rbd',
        name: 'vms/web',
        hosts: [{ name: 'a' }, { name: 'b', port: '3300' }],
        auth: { user: 'u', secret: { usage: 's' } },
      },
    ],
    ['type="nvme"', '<source type="pci"/>', { kind: 'other', type: 'nvme' }],
    ['type="file" device="cdrom"', '', { kind: 'none' }],
    ['type="volume" device="cdrom"', '<source pool="p"/>', { kind: 'none' }],
  ])('%s %s', (attributes, source, expected) => {
    expect(disk(source, attributes)?.source).toEqual(expected)
  })

  it.each([
    ['vda', 'virtio'],
    ['sdaa', 'scsi'],
    ['hdb', 'ide'],
    ['xvda', 'xen'],
    ['fda', 'fdc'],
  ])('the bus of %s is %s, where none is written', (dev, bus) => {
    expect(disk(`<target dev="${dev}"/>`)?.bus).toBe(bus)
  })

  it('takes what the driver says, the serial, the order', () => {
    const inside = `<driver name="qemu" type="vpc" cache="none" io="native" discard="unmap"/><target dev="sda" bus="usb"/>
      <serial>WD-1</serial><boot order="2"/><readonly/><shareable/><encryption format="luks"/>`
    expect(disk(inside)).toMatchObject({
      format: 'vpc',
      cache: 'none',
      io: 'native',
      discard: 'unmap',
      bus: 'usb',
      serial: 'WD-1',
      bootOrder: 2,
      readOnly: true,
      shareable: true,
      encrypted: true,
    })
  })
})

describe('interfaces', () => {
  it.each([
    ['<interface type="network"><source network="default" portgroup="blue"/></interface>', { source: 'default' }],
    ['<interface type="bridge"><source bridge="br0"/><virtualport type="openvswitch"/></interface>', { source: 'br0' }],
    ['<interface type="direct"><source dev="eth0" mode="bridge"/></interface>', { source: 'eth0', type: 'direct' }],
    ['<interface type="user"><mac address="52-54-00-AA-BB-CC"/></interface>', { mac: '52:54:00:aa:bb:cc' }],
    ['<interface type="bridge"><vlan trunk="yes"><tag id="7"/><tag id="9"/></vlan></interface>', { vlans: [7, 9] }],
    [
      '<interface type="user"><link state="down"/><model type="e1000e"/></interface>',
      { linkDown: true, model: 'e1000e' },
    ],
  ])('%s', (devices, expected) => {
    expect(parse({ devices }).interfaces[0]).toMatchObject(expected)
  })
})

it('keeps every other device by name, and the rest that matters', () => {
  const found = parse({
    os: '<type arch="x86_64" machine="pc-q35-8.2">hvm</type><kernel>/vmlinuz</kernel><boot dev="network"/><boot dev="hd"/>',
    rest: `<memory>1024</memory><features><hyperv/></features><clock offset="localtime"/><cpu><model>Westmere</model></cpu>
      <metadata><lib:libosinfo xmlns:lib="http://libosinfo.org/xmlns/libvirt/domain/1.0"><lib:os id="http://debian.org/debian/12"/></lib:libosinfo></metadata>
      <q:commandline xmlns:q="http://libvirt.org/schemas/domain/qemu/1.0"><q:arg value="-s"/></q:commandline>`,
    devices: `<emulator>/usr/bin/qemu</emulator><hostdev mode="subsystem"/><filesystem/>
      <controller type="scsi" index="0" model="lsilogic"/><tpm model="tpm-tis"><backend type="passthrough"/></tpm>`,
  })
  expect(found).toMatchObject({
    machineType: 'pc-q35-8.2',
    arch: 'x86_64',
    kernel: '/vmlinuz',
    bootDevices: ['network', 'hd'],
    hyperv: true,
    clockOffset: 'localtime',
    cpuMode: 'custom',
    cpuModel: 'Westmere',
    osinfo: 'http://debian.org/debian/12',
    extraArguments: true,
    controllers: [{ type: 'scsi', index: 0, model: 'lsilogic' }],
    tpm: { model: 'tpm-tis', backend: 'passthrough' },
  })
  expect(found.devices.map(({ kind }) => kind)).toEqual(['hostdev', 'filesystem'])
  expect(found.made).toBeUndefined()
})

describe('refused', () => {
  const bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
  it.each([
    ['another root', '<domainsnapshot/>', 'web01.xml:1:undefined DOMAIN_INVALID'],
    ['no <os>', '<domain><name>a</name></domain>', 'DOMAIN_INVALID'],
    ['no name', xml().replace('web01', ''), 'DOMAIN_INVALID'],
    ['no memory', xml({ rest: '' }), 'DOMAIN_INVALID'],
    ['memory that is none', xml({ rest: '\n<memory unit="acre">5</memory>' }), 'web01.xml:2:undefined DOMAIN_INVALID'],
    ['no CPUs', xml({ rest: '<memory>1024</memory><vcpu>0</vcpu>' }), 'DOMAIN_INVALID'],
    ['CPUs that are none', xml({ rest: '<memory>1024</memory><vcpu>many</vcpu>' }), 'DOMAIN_INVALID'],
    ['half of it', xml().slice(0, 60), 'XML_INVALID'],
    ['an entity bomb', `${bomb}${xml()}`, 'XML_HOSTILE'],
    ['an external entity', `<!DOCTYPE d SYSTEM "file:///etc/passwd">${xml()}`, 'XML_HOSTILE'],
    ['an entity of its own', xml().replace('web01', '&mine;'), 'XML_INVALID'],
    ['depth', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`, 'XML_HOSTILE'],
  ])('%s', (_name, text, expected) => {
    const lines = refusalLines(() => parseDomain(text, 'web01.xml'))
    expect(lines).toEqual([expect.stringContaining(expected)])
  })
})
