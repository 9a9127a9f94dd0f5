import { describe, expect, it } from 'vitest'
import { local, machineOf, resolve } from './machines.ts'

const withNic = (nic: string, mapping: string) => `${local}nics: [${nic}]\nnetwork_mapping: ${mapping}\n`
const nicOf = (nic: string, mapping: string) => machineOf(withNic(nic, mapping)).nics[0]
const issuesOf = (nic: string, mapping: string) => resolve(withNic(nic, mapping)).issues

const mac = '00:50:56:aa:bb:01'
const plain = `{id: nic0, mac: "${mac}", network: VM Network}`

describe('where a NIC goes', () => {
  it.each([
    ['a bridge', plain, '{source_networks: {VM Network: br0}}', { attach: { kind: 'bridge', name: 'br0' } }],
    [
      'a bridge in long',
      plain,
      '{source_networks: {VM Network: {bridge: br0}}}',
      { attach: { kind: 'bridge', name: 'br0' } },
    ],
    [
      'a network of libvirt',
      plain,
      '{source_networks: {VM Network: {network: my net}}}',
      { attach: { kind: 'network', name: 'my net' } },
    ],
    [
      'the model of the mapping',
      plain,
      '{source_networks: {VM Network: {bridge: br0, model: e1000e}}}',
      { model: 'e1000e' },
    ],
    ['virtio without one', plain, '{source_networks: {VM Network: br0}}', { model: 'virtio' }],
    [
      'the NIC’s own model first',
      '{id: a, network: n, model: rtl8139}',
      '{source_networks: {n: {bridge: b, model: e1000e}}}',
      { model: 'rtl8139' },
    ],
    [
      'the NIC’s own tag first',
      '{id: a, network: n, vlan: 7}',
      '{source_networks: {n: {network: b, vlan: 8}}}',
      { vlan: 7 },
    ],
    [
      'a network with a hostile name',
      '{id: a, network: "$(x)"}',
      '{source_networks: {"$(x)": br0}}',
      { sourceNetwork: '$(x)' },
    ],
    [
      'a network called constructor',
      '{id: a, network: constructor}',
      '{source_networks: {constructor: br0}}',
      { attach: { kind: 'bridge', name: 'br0' } },
    ],
    [
      'default_bridge where it is asked for',
      plain,
      '{on_unmapped: default, default_bridge: br9}',
      { attach: { kind: 'bridge', name: 'br9' } },
    ],
    // Alone, it could only be meant for this.
    ['default_bridge alone', plain, '{default_bridge: br9}', { attach: { kind: 'bridge', name: 'br9' } }],
    [
      'default_bridge for a NIC without a network',
      '{id: a}',
      '{on_unmapped: keep, default_bridge: br9}',
      { attach: { kind: 'bridge', name: 'br9' } },
    ],
    [
      'its entry before the default',
      plain,
      '{source_networks: {VM Network: br0}, default_bridge: br9}',
      { attach: { kind: 'bridge', name: 'br0' } },
    ],
    [
      'the network of the same name',
      plain,
      '{on_unmapped: keep, default_bridge: br9}',
      { attach: { kind: 'network', name: 'VM Network' } },
    ],
  ])('%s', (_name, nic, mapping, expected) => {
    expect(nicOf(nic, mapping)).toMatchObject(expected)
  })

  it.each([
    ['no mapping at all', plain, '{}', 'no mapping for network "VM Network"'],
    ['another case', plain, '{source_networks: {vm network: br0}}', 'no mapping for network "VM Network"'],
    [
      'error in spite of a default',
      plain,
      '{on_unmapped: error, default_bridge: br9}',
      'no mapping for network "VM Network"',
    ],
    ['no network', '{id: nic0}', '{source_networks: {VM Network: br0}}', 'no mapping for a NIC without a network'],
    ['no network to keep', '{id: nic0}', '{on_unmapped: keep}', 'no mapping for a NIC without a network'],
    [
      'a network called toString',
      '{id: nic0, network: toString}',
      '{source_networks: {a: b}}',
      'no mapping for network "toString"',
    ],
  ])('nowhere: %s', (_name, nic, mapping, summary) => {
    expect(issuesOf(nic, mapping)).toEqual([`MAPPING_NETWORK_MISSING nics.0: nic nic0: ${summary}`])
  })
})

describe('a tag', () => {
  const to = (entry: string) => nicOf(plain, `{source_networks: {VM Network: ${entry}}}`)
  it('on a bridge means Open vSwitch: libvirt starts nothing with a tag on a Linux bridge before version 11', () => {
    expect(to('{bridge: br0, vlan: 110}')).toMatchObject({
      attach: { kind: 'bridge', name: 'br0', openvswitch: true },
      vlan: 110,
    })
  })

  it('of the NIC does likewise', () => {
    expect(nicOf('{id: a, network: n, vlan: 7}', '{source_networks: {n: br0}}')).toMatchObject({
      attach: { openvswitch: true },
      vlan: 7,
    })
  })

  it.each([
    ['{bridge: br0}', undefined],
    ['{bridge: br0, bridge_type: linux, vlan: 110}', undefined],
    ['{bridge: br0, bridge_type: openvswitch}', true],
    ['{network: ovs, vlan: 110}', undefined],
  ])('%s', (entry, openvswitch) => {
    expect(to(entry)?.attach.openvswitch).toBe(openvswitch)
  })
})

describe('MAC addresses', () => {
  const nets = 'source_networks: {VM Network: br0}'
  it.each([
    ['kept', plain, `{${nets}}`, mac],
    [
      'kept, written otherwise',
      '{id: a, mac: 00-50-56-AA-BB-0C, network: VM Network}',
      `{${nets}}`,
      '00:50:56:aa:bb:0c',
    ],
    [
      'replaced',
      plain,
      `{${nets}, mac_address_policy: custom, mac_address_overrides: {"${mac}": "52:54:00:00:00:01"}}`,
      '52:54:00:00:00:01',
    ],
    [
      'replaced, written otherwise',
      plain,
      `{${nets}, mac_address_policy: custom, mac_address_overrides: {00-50-56-AA-BB-01: 52-54-00-AB-CD-EF}}`,
      '52:54:00:ab:cd:ef',
    ],
  ])('%s', (_name, nic, mapping, expected) => {
    expect(nicOf(nic, mapping)?.mac).toBe(expected)
  })

  it('regenerated from machine and NIC, the same each time', () => {
    const made = (id: string, machine: string) => {
      const text = `source: {provider: local, vm_name: ${machine}}\nvm: {cpu: 1, mem_gb: 1}\ndisks: [{id: boot, source_format: raw, bytes: 1, local_path: a}]\nnics: [{id: ${id}, mac: "${mac}", network: VM Network}]\n`
      return machineOf(`${text}network_mapping: {${nets}, mac_address_policy: regenerate}\n`).nics[0]?.mac
    }
    // What was applied once must not change with a new version.
    expect(made('nic0', 'web01')).toBe('52:54:00:5f:7f:0f')
    expect(made('nic0', 'web01')).toBe(made('nic0', 'web01'))
    expect(new Set([made('nic0', 'web01'), made('nic1', 'web01'), made('nic0', 'web02')]).size).toBe(3)
  })

  it('made up where there is none to keep', () => {
    expect(nicOf('{id: nic0, network: VM Network}', `{${nets}}`)?.mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/)
  })

  it.each([
    [
      'no override for it',
      plain,
      '',
      `MAPPING_MAC_MISSING nics.0: nic nic0: mac_address_policy is custom, and no override names ${mac}`,
    ],
    [
      'no MAC to override',
      '{id: nic0, network: VM Network}',
      `, mac_address_overrides: {"${mac}": "52:54:00:00:00:01"}`,
      'MAPPING_MAC_MISSING nics.0: nic nic0: mac_address_policy is custom, and no override names a NIC without a MAC',
    ],
    [
      'a group’s address',
      plain,
      `, mac_address_overrides: {"${mac}": "01:00:5e:00:00:01"}`,
      'VALUE_INVALID nics.0.mac: nic nic0: 01:00:5e:00:00:01 is no address of a single NIC that libvirt takes',
    ],
  ])('custom: %s', (_name, nic, overrides, issue) => {
    expect(issuesOf(nic, `{${nets}, mac_address_policy: custom${overrides}}`)).toEqual([issue])
  })

  it.each([
    ['', 'preserve'],
    ['mac_address_policy: regenerate, ', 'regenerate'],
  ])('overrides without a policy of custom are refused: %s', (policy, name) => {
    const mapping = `{${nets}, ${policy}mac_address_overrides: {"${mac}": "52:54:00:00:00:01"}}`
    expect(issuesOf(plain, mapping)).toEqual([
      `VALUE_INVALID network_mapping.mac_address_overrides: mac_address_overrides has no effect: mac_address_policy is ${name}`,
    ])
  })

  it('two overrides of one address are refused, however it is written', () => {
    const overrides = `{"${mac}": "52:54:00:00:00:01", 00-50-56-AA-BB-01: "52:54:00:00:00:02"}`
    expect(issuesOf(plain, `{${nets}, mac_address_policy: custom, mac_address_overrides: ${overrides}}`)).toEqual([
      `VALUE_INVALID network_mapping.mac_address_overrides.00-50-56-AA-BB-01: 00-50-56-AA-BB-01 is ${mac}, which is there too`,
    ])
  })

  it.each(['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', 'fe:50:56:00:00:01', 'FE-50-56-00-00-01'])(
    '%s is refused',
    (bad) => {
      expect(issuesOf(`{id: nic0, mac: "${bad}", network: VM Network}`, `{${nets}}`)).toEqual([
        `VALUE_INVALID nics.0.mac: nic nic0: ${bad.toLowerCase().replaceAll('-', ':')} is no address of a single NIC that libvirt takes`,
      ])
    },
  )
})
