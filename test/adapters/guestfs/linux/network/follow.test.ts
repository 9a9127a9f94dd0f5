import { describe, expect, it } from 'vitest'
import { followText, physicalNames } from '../../../../../src/adapters/guestfs/linux/network/follow.ts'

const follow = {
  names: new Map([
    ['ens192', 'enp1s0'],
    ['ens224', 'enp2s0'],
  ]),
  macs: new Map([['00:50:56:aa:bb:01', '52:54:00:01:02:03']]),
}

describe('names and MACs in a text', () => {
  it.each([
    ['auto ens192', 'auto enp1s0'],
    ['iface ens192.110 inet dhcp', 'iface enp1s0.110 inet dhcp'],
    ['auto ens192:1', 'auto enp1s0:1'],
    ['bond-slaves ens192 ens224', 'bond-slaves enp1s0 enp2s0'],
    ['up echo 1 > /proc/sys/net/ipv4/conf/ens192/arp_ignore', 'up echo 1 > /proc/sys/net/ipv4/conf/enp1s0/arp_ignore'],
    ['net.ipv4.conf.ens192.rp_filter = 0', 'net.ipv4.conf.enp1s0.rp_filter = 0'],
    ['-A INPUT -i ens192 -j ACCEPT', '-A INPUT -i enp1s0 -j ACCEPT'],
    ['<interface name="ens192"/>', '<interface name="enp1s0"/>'],
    ['iface br-ens192 inet manual', 'iface br-ens192 inet manual'],
    ['source interfaces.d/ens192.cfg', 'source interfaces.d/ens192.cfg'],
    ['iface ens1922 inet dhcp', 'iface ens1922 inet dhcp'],
    ['# ens192 is the first', '# ens192 is the first'],
    ['; ens192 is the first', '; ens192 is the first'],
    ['Name=ens*', 'Name=en*'],
    ['Name=en*', 'Name=en*'],
    ['Name=eth*', 'Name=eth*'],
    ['ExecStart=/usr/bin/*', 'ExecStart=/usr/bin/*'],
    ['HWADDR=00:50:56:AA:BB:01', 'HWADDR=52:54:00:01:02:03'],
    ['mac 00-50-56-aa-bb-01', 'mac 52-54-00-01-02-03'],
    ['mac 00:50:56:aa:bb:02', 'mac 00:50:56:aa:bb:02'],
  ])('%s', (before, after) => {
    expect(followText(before, follow)).toBe(after)
  })

  it('swap without a mix-up', () => {
    const names = new Map([
      ['eth0', 'eth1'],
      ['eth1', 'eth0'],
    ])
    expect(followText('eth0 eth1 eth0', { names, macs: new Map() })).toBe('eth1 eth0 eth1')
  })

  it('the names of cards are told from others', () => {
    const text = 'auto lo ens192 ens192.110 eth0:1 enp11s0f1 eno1 em1 p2p1 bond0 br-ens7 vlan10 wlan0 enable\n# eth7\n'
    expect(physicalNames(text)).toEqual(['ens192', 'eth0', 'enp11s0f1', 'eno1', 'em1', 'p2p1'])
  })
})
