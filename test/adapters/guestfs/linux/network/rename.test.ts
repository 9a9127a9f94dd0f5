import { describe, expect, it } from 'vitest'
import { readNetwork } from '../../../../../src/adapters/guestfs/inspect/network.ts'
import type { RepairNic, RepairRequest } from '../../../../../src/core/repair.ts'
import { type MemoryFile, memoryGuest } from '../../../../support/guest-tree.ts'
import { inspectionOf, repaired } from '../guests.ts'

const mac = (digit: number) => `00:50:56:aa:bb:0${digit}`
const nic = (index: number, rest: Partial<RepairNic> = {}): RepairNic => {
  return {
    id: `nic${index}`,
    mac: mac(index + 1),
    sourceMac: mac(index + 1),
    predictedName: `enp${index + 1}s0`,
    ...rest,
  }
}
const rename = (...nics: RepairNic[]): Partial<RepairRequest> => ({ networkMode: 'rename', nics })
const fresh = '52:54:00:01:02:03'

type Files = Readonly<Record<string, MemoryFile>>
type Case = readonly [name: string, files: Files, request: Partial<RepairRequest>]

const interfaces = `auto lo
iface lo inet loopback

# ens192: the uplink
allow-hotplug ens192
iface ens192 inet static
    address 10.0.0.5/24
    up ip route add 10.9.0.0/16 dev ens192

auto ens192.110
iface ens192.110 inet manual
    vlan-raw-device ens192
`

const cases: readonly Case[] = [
  ['ifupdown, with a VLAN', { '/etc/network/interfaces': interfaces }, rename(nic(0))],
  [
    'netplan, with a bond, a bridge and a VLAN',
    {
      '/etc/netplan/00-installer.yaml': {
        mode: 0o600,
        content: `network:
  version: 2
  ethernets: # both
    ens192: {dhcp4: false}
    ens224:
      dhcp4: no   # a member
  bonds:
    bond0:
      interfaces: [ens192, ens224]
      parameters: {mode: active-backup, primary: ens192}
  vlans:
    vlan110: {id: 110, link: bond0}
    ens192.20: {id: 20, link: "ens192"}
`,
      },
    },
    rename(nic(0), nic(1)),
  ],
  [
    'netplan that matches by MAC and gives the name keeps it, with the new MAC',
    {
      '/etc/netplan/50-cloud-init.yaml':
        'network:\n  ethernets:\n    ens192:\n      match:\n        macaddress: "00:50:56:AA:BB:01"\n      set-name: ens192\n      dhcp4: true\n',
    },
    rename(nic(0, { mac: fresh })),
  ],
  [
    'netplan that matches by VMware’s driver, or by a part of the name',
    {
      '/etc/netplan/1.yaml':
        'network:\n  ethernets:\n    all: {match: {driver: vmxnet3}, dhcp4: true}\n    some: {match: {name: "ens*"}, dhcp4: true}\n    ens192: {mtu: 9000}\n',
    },
    rename(nic(0)),
  ],
  [
    'NetworkManager, of whose file only the changed lines are shown',
    {
      '/etc/NetworkManager/system-connections/ens192.nmconnection': {
        mode: 0o600,
        content:
          '[connection]\nid=ens192\ntype=ethernet\ninterface-name=ens192\n\n[802-1x]\npassword=geheim\n\n[ethernet]\nmac-address=00:50:56:AA:BB:01\n',
      },
    },
    rename(nic(0, { mac: fresh })),
  ],
  [
    'networkd',
    {
      '/etc/systemd/network/10-lan.network': '[Match]\nName=ens192 ens224\n\n[Network]\nVLAN=ens192.110\nDHCP=yes\n',
      '/etc/systemd/network/20-all.network': '[Match]\nDriver=vmxnet3\n\n[Network]\nLLDP=yes\n',
      '/etc/systemd/network/ens192.110.netdev': '[NetDev]\nName=ens192.110\nKind=vlan\n\n[VLAN]\nId=110\n',
    },
    rename(nic(0), nic(1)),
  ],
  [
    'a .link that names by MAC',
    { '/etc/systemd/network/10-lan.link': '[Match]\nMACAddress=00:50:56:aa:bb:01\n\n[Link]\nName=lan0\n' },
    rename(nic(0, { mac: fresh })),
  ],
  [
    'a .link that names by the place on VMware’s bus',
    { '/etc/systemd/network/10-lan.link': '[Match]\nPath=pci-0000:0b:00.0\n\n[Link]\nName=lan0\n' },
    rename(nic(0)),
  ],
  [
    'ifcfg of RHEL, with a VLAN, an alias and routes',
    {
      '/etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
      '/etc/sysconfig/network-scripts/ifcfg-ens192':
        'TYPE=Ethernet\nNAME=ens192\nDEVICE=ens192\nHWADDR=00:50:56:AA:BB:01\nONBOOT=yes\n',
      '/etc/sysconfig/network-scripts/ifcfg-ens192.110': 'DEVICE=ens192.110\nVLAN=yes\n',
      '/etc/sysconfig/network-scripts/route-ens192': '10.9.0.0/16 via 10.0.0.1 dev ens192\n',
      '/etc/sysconfig/network': 'GATEWAYDEV=ens192\n',
    },
    rename(nic(0, { mac: fresh })),
  ],
  [
    'ifcfg of RHEL 6 keeps eth0, which initscripts give by MAC',
    {
      '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\nHWADDR=00:50:56:AA:BB:01\n',
      '/etc/udev/rules.d/70-persistent-net.rules':
        'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="00:50:56:aa:bb:01", ATTR{type}=="1", KERNEL=="eth*", NAME="eth0"\n',
    },
    rename(nic(0, { mac: fresh })),
  ],
  [
    'wicked of SUSE',
    {
      '/etc/sysconfig/network/ifcfg-ens192': "BOOTPROTO='static'\nIPADDR='10.0.0.5/24'\n",
      '/etc/sysconfig/network/ifcfg-br0': "BRIDGE='yes'\nBRIDGE_PORTS='ens192'\n",
      '/etc/sysconfig/network/routes': 'default 10.0.0.1 - ens192\n',
    },
    rename(nic(0)),
  ],
  [
    'udev rules that look for VMware’s driver or bus',
    {
      '/etc/udev/rules.d/10-net.rules':
        'SUBSYSTEM=="net", DRIVERS=="vmxnet3", ATTR{address}=="00:50:56:aa:bb:01", NAME="front"\nSUBSYSTEM=="net", ACTION=="add", KERNELS=="0000:0b:00.0", NAME="back"\nKERNEL=="sda", NAME="x"\n',
    },
    rename(nic(0), nic(1)),
  ],
  [
    'what cloud-init’s installer left, and firewalls',
    {
      '/etc/cloud/cloud.cfg.d/50-curtin-networking.cfg':
        'network:\n  version: 1\n  config:\n    - {type: physical, name: ens192, mac_address: "00:50:56:aa:bb:01"}\n',
      '/etc/cloud/cloud.cfg': 'preserve_hostname: false # ens192\n',
      '/etc/firewalld/zones/public.xml': '<zone>\n  <interface name="ens224"/>\n</zone>\n',
      '/etc/sysctl.d/9.conf': 'net.ipv4.conf.ens224.rp_filter=0\n',
      '/etc/network/interfaces': 'iface ens224 inet dhcp\n',
    },
    rename(nic(0, { mac: fresh }), nic(1)),
  ],
  [
    'a network that cloud-init wrote is kept from being written again',
    {
      '/etc/netplan/50-cloud-init.yaml': 'network: {ethernets: {ens192: {dhcp4: true}}}\n',
      '/etc/cloud/cloud.cfg': 'users: []\n',
    },
    rename(nic(0)),
  ],
  [
    'VMware counts its slots in another order',
    { '/etc/network/interfaces': 'iface ens161 inet manual\niface ens256 inet manual\niface ens160 inet manual\n' },
    rename(nic(0), nic(1), nic(2)),
  ],
  [
    'eth0 stays what it is where systems count',
    { '/etc/network/interfaces': 'auto eth0\niface eth0 inet dhcp\n' },
    rename(nic(0)),
  ],
  [
    'eth1 alone is the one NIC that there is',
    { '/etc/network/interfaces': 'auto eth1\niface eth1 inet dhcp\n' },
    rename(nic(0)),
  ],
  [
    'netplan with a MAC that nobody told of',
    {
      '/etc/netplan/1.yaml':
        'network: {ethernets: {a: {match: {macaddress: "00:0c:29:00:00:09"}, set-name: ens192}}}\n',
    },
    rename({ id: 'nic0', mac: fresh, predictedName: 'enp1s0' }),
  ],
  [
    'a NIC whose name only the target knows keeps its name by MAC',
    { '/etc/network/interfaces': 'auto ens192\niface ens192 inet dhcp\n' },
    rename({ id: 'nic0', mac: fresh }),
  ],
]

describe('interfaces follow their NICs', () => {
  for (const [name, files, request] of cases) {
    it(name, async () => {
      const inspection = inspectionOf({ network: await readNetwork(memoryGuest(files)) })
      const { diff, changes, tree } = await repaired(files, request, inspection)
      const added = Object.keys(tree.files()).filter((path) => !(path in files))
      const told = [...changes.map(({ summary }) => summary), ...added.map((path) => `new: ${path}`)]
      expect(`${told.join('\n')}\n${diff}`).toMatchSnapshot()
    })
  }

  it('a name without a NIC is told', async () => {
    const files = { '/etc/network/interfaces': 'auto ens192\nauto ens224\n' }
    const { findings } = await repaired(files, rename(nic(0)))
    expect(findings.map(({ subject, evidence }) => `${subject}: ${evidence}`)).toContain(
      'interface ens224: the target has no NIC for it: its files stay as they are',
    )
  })

  it('what is no YAML is told and stays', async () => {
    const files = { '/etc/netplan/1.yaml': 'network: {ens192\n' }
    const { changes, findings } = await repaired(files, rename(nic(0)))
    expect(changes.filter(({ subject }) => subject.startsWith('/etc/netplan'))).toEqual([])
    expect(findings.map(({ evidence }) => evidence)).toEqual(['it is no YAML that can be read'])
  })

  it('keeps modes, and does nothing with keep', async () => {
    const path = '/etc/NetworkManager/system-connections/a.nmconnection'
    const files = { [path]: { content: 'interface-name=ens192\n', mode: 0o600 } }
    const { tree } = await repaired(files, { ...rename(nic(0)), backup: true })
    expect(await tree.mode(path)).toBe(0o600)
    expect(await tree.mode(`/var/lib/h2k/backup${path}`)).toBe(0o600)
    expect((await repaired(files, { networkMode: 'keep', nics: [nic(0)] })).changes).toEqual([])
  })
})
