import { describe, expect, it } from 'vitest'
import type { MemoryFile } from '../../../../support/guest-tree.ts'
import { inspectionOf, repaired } from '../guests.ts'

const nics = [{ id: 'nic0', mac: '00:50:56:aa:bb:01', predictedName: 'enp1s0' }]
const two = [...nics, { id: 'nic1', mac: '00:50:56:aa:bb:02', predictedName: 'enp2s0' }]

describe('network_mode: dhcp', () => {
  it.each<readonly [string, Readonly<Record<string, MemoryFile>>, typeof nics, Readonly<Record<string, string>>]>([
    [
      'netplan',
      { '/etc/netplan/50-cloud-init.yaml': 'network: {ethernets: {ens192: {addresses: [10.0.0.5/24]}}}\n' },
      nics,
      {
        '/etc/netplan/01-h2k-dhcp.yaml':
          'network:\n  version: 2\n  ethernets:\n    any:\n      match: {name: "e*"}\n      dhcp4: true\n',
      },
    ],
    [
      'ifupdown, where eth0 counts',
      {
        '/etc/network/interfaces': 'iface eth0 inet static\n',
        '/etc/network/interfaces.d/x': 'iface eth1 inet static\n',
      },
      two,
      {
        '/etc/network/interfaces':
          'auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n\nauto eth1\niface eth1 inet dhcp\n',
      },
    ],
    [
      'NetworkManager',
      {
        '/etc/NetworkManager/system-connections/ens192.nmconnection': 'interface-name=ens192\n',
        '/etc/NetworkManager/conf.d/a.conf': '[main]\n',
      },
      nics,
      {
        '/etc/NetworkManager/conf.d/a.conf': '[main]\n',
        '/etc/NetworkManager/system-connections/h2k-dhcp.nmconnection':
          '[connection]\nid=h2k-dhcp\ntype=ethernet\nmulti-connect=3\n\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n',
      },
    ],
    [
      'networkd',
      { '/etc/systemd/network/50-static.network': '[Match]\nName=ens192\n' },
      nics,
      { '/etc/systemd/network/10-h2k-dhcp.network': '[Match]\nName=e*\n\n[Network]\nDHCP=yes\n' },
    ],
    [
      'ifcfg',
      {
        '/etc/sysconfig/network-scripts/ifcfg-ens192': 'DEVICE=ens192\n',
        '/etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
        '/etc/sysconfig/network': 'x=1\n',
      },
      nics,
      {
        '/etc/sysconfig/network': 'x=1\n',
        '/etc/sysconfig/network-scripts/ifcfg-enp1s0': 'DEVICE=enp1s0\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=dhcp\n',
        '/etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
      },
    ],
    [
      'wicked',
      { '/etc/sysconfig/network/ifcfg-eth0': "IPADDR='10.0.0.5/24'\n", '/etc/sysconfig/network/config': 'a=b\n' },
      nics,
      {
        '/etc/sysconfig/network/config': 'a=b\n',
        '/etc/sysconfig/network/ifcfg-eth0': "STARTMODE='auto'\nBOOTPROTO='dhcp'\n",
      },
    ],
    [
      'a system without any file yet',
      { '/usr/sbin/netplan': '' },
      two,
      {
        '/etc/netplan/01-h2k-dhcp.yaml':
          'network:\n  version: 2\n  ethernets:\n    any:\n      match: {name: "e*"}\n      dhcp4: true\n      optional: true\n',
        '/usr/sbin/netplan': '',
      },
    ],
  ])('%s', async (_name, files, given, after) => {
    const { tree } = await repaired(files, { networkMode: 'dhcp', nics: given })
    expect(tree.files()).toEqual(after)
  })

  it('says when it cannot', async () => {
    const unnamed = [{ id: 'nic0', mac: '00:50:56:aa:bb:01' }]
    const files = { '/etc/network/interfaces': 'iface ens192 inet static\n' }
    const { changes, findings } = await repaired(files, { networkMode: 'dhcp', nics: unnamed }, inspectionOf())
    expect(changes).toEqual([])
    expect(findings.map(({ evidence }) => evidence)).toEqual([
      'only the target knows what its NICs are called, and ifupdown needs to know',
    ])
  })
})
