import { describe, expect, it } from 'vitest'
import { refusalLines } from '../../support/refusal.ts'
import { domainWith, importedFrom } from './imported.ts'

const warningsOf = (parts: Parameters<typeof domainWith>[0]) =>
  (importedFrom(domainWith(parts)).manifest.warnings ?? []).map(({ message }) => message)
const vmOf = (parts: Parameters<typeof domainWith>[0]) => importedFrom(domainWith(parts)).manifest.vm

it('a manifest says everything that the domain says', () => {
  const disk = '<disk><driver type="qcow2"/><source file="/vms/a.qcow2"/><target dev="vda" bus="virtio"/></disk>'
  const nic =
    '<interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="br0"/><model type="virtio"/></interface>'
  const os =
    '<type machine="pc-q35-8.2">hvm</type><loader readonly="yes" type="pflash" secure="yes">/c.fd</loader><nvram template="/v.fd"/>'
  const tpm = '<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>'
  const uuid = '<uuid>11111111-2222-3333-4444-555555555555</uuid><cpu mode="host-model"/>'
  expect(importedFrom(domainWith({ devices: `${disk}${nic}${tpm}`, os, rest: uuid })).manifest).toEqual({
    manifest_version: '1.0',
    source: { provider: 'libvirt', vm_name: 'web01', vm_id: '11111111-2222-3333-4444-555555555555' },
    vm: {
      cpu: 2,
      mem_gb: 2,
      firmware: 'uefi',
      secureboot: true,
      loader: '/c.fd',
      nvram_template: '/v.fd',
      tpm: true,
      machine_type: 'q35',
      cpu_mode: 'host-model',
    },
    disks: [
      {
        id: 'vda',
        source_format: 'qcow2',
        bytes: 2 ** 30,
        local_path: '/vms/a.qcow2',
        boot_order_hint: 0,
        bus: 'virtio',
      },
    ],
    nics: [{ id: 'nic0', network: 'br0', mac: '52:54:00:00:00:01', model: 'virtio' }],
    network_mapping: { source_networks: { br0: 'br0' } },
    pipeline: { convert: { enabled: true, compress: false }, validate: { enabled: true } },
    output: { format: 'qcow2' },
    notes: ['vm.machine_type: pc-q35-8.2 becomes the newest q35 that its host has'],
    warnings: [
      { stage: 'import', message: expect.stringContaining('the new TPM is empty') },
      { stage: 'import', message: 'vm.loader: the target has to have /c.fd; without the key libvirt chooses one' },
    ],
  })
})

describe('networks', () => {
  const nics = (devices: string, bridges = {}) => {
    const {
      nics: found,
      network_mapping: mapping,
      warnings,
    } = importedFrom(domainWith({ devices }), {}, bridges).manifest
    return {
      nics: found,
      networks: mapping?.source_networks,
      told: (warnings ?? []).map(({ message }) => message).join(),
    }
  }
  const on = (type: string, source: string, rest = '') =>
    `<interface type="${type}"><source ${source}/>${rest}</interface>`

  it('are there without a disk, each where it was', () => {
    const devices = `${on('network', 'network="default"')}${on('bridge', 'bridge="ovs0"', '<virtualport type="openvswitch"/>')}`
    expect(nics(devices)).toMatchObject({
      nics: [
        { id: 'nic0', network: 'default' },
        { id: 'nic1', network: 'ovs0' },
      ],
      networks: { default: { network: 'default' }, ovs0: { bridge: 'ovs0', bridge_type: 'openvswitch' } },
      told: 'the machine has no disk: h2k plan refuses it until disks has one',
    })
  })

  it('go where --bridge says', () => {
    expect(nics(on('network', 'network="default"'), { default: 'br7' }).networks).toEqual({ default: 'br7' })
  })

  it.each([
    ['direct', 'dev="eth0" mode="bridge"', 'eth0'],
    ['user', '', 'user'],
    ['bridge', 'bridge="a name that no device has"', 'a name that no device has'],
  ])('a connection that cannot be taken over goes to the default: %s', (type, source, name) => {
    const { networks, told } = nics(on(type, source))
    expect(networks).toEqual({ [name]: { network: 'default' } })
    expect(told).toContain(`nic0: a connection of type ${type} cannot be taken over`)
  })

  it('a network and a bridge of one name stay two', () => {
    const { networks, nics: found } = nics(`${on('network', 'network="lan"')}${on('bridge', 'bridge="lan"')}`)
    expect(networks).toEqual({ lan: { network: 'lan' }, 'lan (bridge)': 'lan' })
    expect(found).toMatchObject([{ network: 'lan' }, { network: 'lan (bridge)' }])
  })

  it('tags: one is taken, on a Linux bridge by name; a trunk is told', () => {
    expect(nics(on('bridge', 'bridge="br0"', '<vlan><tag id="7"/></vlan>'))).toMatchObject({
      nics: [{ vlan: 7 }],
      networks: { br0: { bridge: 'br0', bridge_type: 'linux' } },
    })
    const trunk = nics(on('bridge', 'bridge="br0"', '<vlan trunk="yes"><tag id="7"/><tag id="9"/></vlan>'))
    expect(trunk.nics?.[0]).not.toHaveProperty('vlan')
    expect(trunk.told).toContain('a trunk of 2 tags')
  })

  it('limits are taken where they are the same both ways', () => {
    const limited = (way: string) =>
      nics(on('network', 'network="a"', `<bandwidth><inbound average="1000" peak="4000000000"/>${way}</bandwidth>`))
    expect(limited('<outbound average="1000" peak="4000000000"/>').nics).toMatchObject([
      { limits: { average_kib: 1000, peak_kib: 4e9 } },
    ])
    expect(limited('<outbound average="9"/>').told).toContain('nic0: its limits are not taken over')
  })

  it.each([
    ['<filterref filter="clean-traffic"/>', 'nic0: what its filter keeps out is not'],
    ['<mac address="01:00:5e:00:00:01"/>', 'nic0: its address 01:00:5e:00:00:01 is none that a NIC may have'],
    ['<vlan><tag id="4095"/></vlan>', 'nic0: the tag 4095 is not taken over'],
    ['<boot order="1"/>', 'it boots from nic0 first'],
  ])('what will be different is told: %s', (rest, told) => {
    expect(nics(on('network', 'network="a"', rest)).told).toContain(told)
  })

  it('one without a model has that which libvirt takes', () => {
    expect(nics(on('network', 'network="a"')).nics).toMatchObject([{ model: 'rtl8139' }])
  })

  it.each([
    ['virtio', 'virtio', ''],
    ['virtio-non-transitional', 'virtio', ''],
    ['E1000E', 'e1000e', ''],
    ['pcnet', 'e1000', 'the model pcnet becomes e1000'],
  ])('the model %s becomes %s', (model, expected, told) => {
    const found = nics(on('network', 'network="default"', `<model type="${model}"/>`))
    expect(found.nics).toMatchObject([{ model: expected }])
    expect(found.told).toContain(told)
  })
})

describe('the system', () => {
  const by = (id: string) =>
    vmOf({ rest: `<metadata><l:libosinfo xmlns:l="urn:x"><l:os id="${id}"/></l:libosinfo></metadata>` })
  it.each([
    ['http://redhat.com/rhel/10.0', 'rhel', '10.0'],
    ['http://debian.org/debian/12', 'debian', '12'],
    ['http://microsoft.com/win/2k19', 'windows', '2k19'],
    ['http://oracle.com/ol/9.3', 'ol9.3', '9.3'],
    ['http://libosinfo.org/linux/2022', 'linux', '2022'],
    ['http://debian.org/debian', 'debian', undefined],
    ['http://libosinfo.org/unknown', undefined, undefined],
    ['debian 12', undefined, undefined],
  ])('%s', (id, hint, version) => {
    expect([by(id)?.os_hint, by(id)?.os_version]).toEqual([hint, version])
  })

  it.each(['<features><hyperv/></features>', '<clock offset="localtime"/>'])('Windows is a guess by %s', (rest) => {
    expect(vmOf({ rest })?.os_hint).toBe('windows')
    expect(warningsOf({ rest }).join()).toContain('is a guess')
  })
})

it.each([
  ['<vcpu current="1">4</vcpu>', 'it has 1 CPUs now and up to 4'],
  ['<currentMemory unit="GiB">1</currentMemory>', 'it gets 1024 MiB now and has 2048 MiB at most'],
  ['<cpu><model>Westmere</model></cpu>', 'the model Westmere becomes host-passthrough'],
  ['<launchSecurity type="sev"/>', 'no longer protected by sev'],
  ['<clock offset="variable"/>', 'its clock is set to variable; here to utc'],
])('what will be different is told: %s', (rest, warning) => {
  const xml = domainWith({ rest }).replace(rest.startsWith('<vcpu') ? '<vcpu>2</vcpu>' : '', '')
  expect((importedFrom(xml).manifest.warnings ?? []).map(({ message }) => message).join()).toContain(warning)
})

it('also of devices, boot and firmware', () => {
  const devices = '<hostdev/><hostdev/><filesystem/><sound/><tpm><backend type="passthrough"/></tpm>'
  const os = `<type machine="q35">hvm</type><kernel>/vmlinuz</kernel><boot dev="network"/><nvram>/n.fd</nvram>`
  const told = warningsOf({ devices, os })
  expect(told).toEqual(
    expect.arrayContaining([
      'vm.tpm: the TPM (passthrough) becomes an emulated one; what it keeps stays behind',
      'the UEFI variables in /n.fd, such as boot entries, are not taken over',
      'devices that are not taken over: 2 hostdevs, 1 filesystem',
      'it boots /vmlinuz of its host; here it boots from its disks',
      'it boots from network first; here from its disks',
    ]),
  )
})

it.each([
  ['<watchdog model="i6300esb" action="poweroff"/>', 'poweroff', ''],
  ['<watchdog model="ib700"/>', 'reset', 'the model ib700 becomes i6300esb'],
  ['<watchdog model="i6300esb" action="dump"/>', undefined, 'a watchdog that does dump is not taken over'],
])('the watchdog %s', (devices, action, told) => {
  expect(vmOf({ devices })?.watchdog).toBe(action)
  expect(warningsOf({ devices }).join()).toContain(told)
})

it('versions of hardware are told', () => {
  const notes = (os: string) => importedFrom(domainWith({ os })).manifest.notes
  expect(notes('<type arch="i686" machine="pc-i440fx-2.1">hvm</type>')).toEqual([
    'vm.machine_type: pc-i440fx-2.1 becomes the newest pc that its host has',
    'the processor i686 becomes x86_64, which runs what it runs',
  ])
  expect(notes('<type arch="x86_64" machine="pc">hvm</type>')).toBeUndefined()
})

it('memory is whole MiB', () => {
  const xml = domainWith().replace('<memory unit="GiB">2<', '<memory unit="KiB">219200<')
  const { vm, warnings } = importedFrom(xml).manifest
  expect(vm?.mem_gb).toBe(215 / 1024)
  expect(warnings?.[0]?.message).toBe('vm.mem_gb: it has 224460800 bytes; here it gets 215 MiB')
})

describe('refused', () => {
  it.each([
    ['a container', { os: '<type>exe</type>' }, '1 the domain is a container'],
    ['paravirtual', { os: '<type>linux</type>' }, '1 the domain is paravirtual'],
    ['another processor', { os: '<type arch="aarch64" machine="virt">hvm</type>' }, '1 the domain is for aarch64'],
    ['another machine', { os: '<type arch="x86_64" machine="microvm">hvm</type>' }, 'of type microvm'],
  ])('%s', (_name, parts, expected) => {
    expect(importedFrom(domainWith(parts)).refused.join()).toContain(expected)
  })

  it('what no manifest can say', () => {
    const many = domainWith().replace('<vcpu>2<', '<vcpu>99999<')
    expect(refusalLines(() => importedFrom(many))).toEqual([
      expect.stringContaining('DOMAIN_UNSUPPORTED no manifest can say it: vm.cpu'),
    ])
  })
})
