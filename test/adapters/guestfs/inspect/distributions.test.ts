import { describe, expect, it } from 'vitest'
import { inspected } from './trees.ts'

const modules = (release: string, ...names: string[]) => ({
  [`/lib/modules/${release}/modules.builtin`]: 'kernel/drivers/virtio/virtio_pci.ko\n',
  [`/lib/modules/${release}/modules.dep`]: names.map((name) => `kernel/drivers/${name}: \n`).join(''),
})
const rpm =
  (...names: string[]) =>
  (argv: readonly string[]) =>
    argv[0] === 'rpm' ? { output: names.join('\n') } : undefined

describe('what a guest is, by its files', () => {
  it('RHEL 7: ifcfg, dracut, an initramfs without virtio', async () => {
    const release = '3.10.0-1160.el7.x86_64'
    const found = await inspected(
      {
        '/etc/os-release':
          'NAME="Red Hat Enterprise Linux Server"\nVERSION_ID="7.9"\nID="rhel"\nPRETTY_NAME="Red Hat Enterprise Linux Server 7.9 (Maipo)"\n',
        '/etc/redhat-release': 'Red Hat Enterprise Linux Server release 7.9 (Maipo)\n',
        ...modules(release, 'block/virtio_blk.ko.xz', 'net/virtio_net.ko.xz', 'scsi/virtio_scsi.ko.xz'),
        [`/boot/vmlinuz-${release}`]: '',
        [`/boot/initramfs-${release}.img`]: '',
        [`/boot/initramfs-${release}kdump.img`]: '',
        '/boot/grub2/grub.cfg': '',
        '/usr/sbin/dracut': '',
        '/usr/lib/systemd/systemd': '',
        '/sbin/init': { linkTo: '../lib/systemd/systemd' },
        '/var/lib/rpm/Packages': '',
        '/etc/selinux/config': '# This file controls\nSELINUX=enforcing\nSELINUXTYPE=targeted\n',
        '/etc/sysconfig/network-scripts/ifcfg-ens192':
          'TYPE=Ethernet\nNAME="ens192"\nDEVICE="ens192"\nHWADDR="00:50:56:AA:BB:01"\n',
        '/etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
      },
      { programs: [rpm('bash', 'open-vm-tools', 'open-vm-tools-desktop', 'error: no such thing')] },
    )
    expect(found).toMatchObject({
      distribution: 'rhel',
      version: '7.9',
      title: 'Red Hat Enterprise Linux Server 7.9 (Maipo)',
      bootLoader: 'grub2',
      linux: {
        kernels: [
          {
            release,
            virtio: { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'builtin' },
            initramfs: { path: `/boot/initramfs-${release}.img`, holds: [] },
          },
        ],
        initramfsTool: 'dracut',
        packageSystem: 'rpm',
        init: 'systemd',
        selinux: 'enforcing',
        vmwareTools: { packages: ['open-vm-tools', 'open-vm-tools-desktop'], tarball: false },
        network: [
          {
            system: 'ifcfg',
            interfaces: [
              { file: '/etc/sysconfig/network-scripts/ifcfg-ens192', name: 'ens192', mac: '00:50:56:aa:bb:01' },
            ],
          },
        ],
      },
    })
  })

  it('RHEL 9: NetworkManager by keyfile, BLS below /boot/efi', async () => {
    const found = await inspected({
      '/etc/os-release': 'ID="rocky"\nVERSION_ID="9.3"\nPRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"\n',
      '/boot/efi/EFI/rocky/grub.cfg': '',
      '/usr/lib/sysimage/rpm/rpmdb.sqlite': '',
      '/etc/NetworkManager/system-connections/ens192.nmconnection': {
        content: '[connection]\nid=ens192\ninterface-name=ens192\n[ethernet]\nmac-address=00:50:56:AA:BB:02\n',
        mode: 0o600,
      },
    })
    expect(found).toMatchObject({
      distribution: 'rocky',
      bootLoader: 'grub2',
      linux: {
        packageSystem: 'rpm',
        network: [{ system: 'networkmanager', interfaces: [{ name: 'ens192', mac: '00:50:56:aa:bb:02' }] }],
      },
    })
  })

  it('SUSE: wicked', async () => {
    const found = await inspected({
      '/etc/os-release': 'ID="sles"\nVERSION_ID="15.5"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"\n',
      ...modules('5.14.21-default', 'block/virtio_blk.ko.zst'),
      '/boot/vmlinuz-5.14.21-default': '',
      '/boot/initrd-5.14.21-default': '',
      '/usr/bin/dracut': '',
      '/etc/sysconfig/network/ifcfg-eth0': "BOOTPROTO='dhcp'\n",
      '/etc/udev/rules.d/70-persistent-net.rules':
        '# SUBSYSTEM=="net", NAME="eth9"\nSUBSYSTEM=="net", ACTION=="add", ATTR{address}=="00:50:56:aa:bb:01", NAME="eth0"\n',
    })
    expect(found.linux.kernels[0]?.initramfs?.path).toBe('/boot/initrd-5.14.21-default')
    expect(found.linux.network).toEqual([
      { system: 'wicked', interfaces: [{ file: '/etc/sysconfig/network/ifcfg-eth0', name: 'eth0' }] },
      {
        system: 'udev',
        interfaces: [{ file: '/etc/udev/rules.d/70-persistent-net.rules', name: 'eth0', mac: '00:50:56:aa:bb:01' }],
      },
    ])
  })

  it('Alpine: OpenRC, mkinitfs, kernels named by flavour', async () => {
    const found = await inspected({
      '/etc/os-release': 'ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n',
      ...modules('6.6.14-0-lts', 'block/virtio_blk.ko.gz'),
      '/boot/vmlinuz-lts': '',
      '/boot/initramfs-lts': '',
      '/sbin/mkinitfs': '',
      '/sbin/openrc': '',
      '/sbin/init': { linkTo: '/bin/busybox' },
      '/lib/apk/db/installed': 'C:Q1\nP:open-vm-tools\nV:12\n\nC:Q2\nP:musl\n',
      '/boot/extlinux.conf': '',
    })
    expect(found).toMatchObject({
      bootLoader: 'extlinux',
      linux: {
        init: 'openrc',
        initramfsTool: 'mkinitfs',
        packageSystem: 'apk',
        kernels: [{ release: '6.6.14-0-lts', initramfs: { path: '/boot/initramfs-lts' } }],
        vmwareTools: { packages: ['open-vm-tools'] },
      },
    })
  })

  it('Arch: kernels named by package', async () => {
    const found = await inspected({
      '/usr/lib/os-release': 'ID=arch\nPRETTY_NAME="Arch Linux"\n',
      ...modules('6.7.1-arch1-1', 'block/virtio_blk.ko.zst'),
      '/lib/modules/6.7.1-arch1-1/pkgbase': 'linux\n',
      '/boot/vmlinuz-linux': '',
      '/boot/initramfs-linux.img': '',
      '/boot/loader/loader.conf': '',
      '/usr/bin/mkinitcpio': '',
      '/var/lib/pacman/local/open-vm-tools-6:12.3.5-1/desc': '',
    })
    expect(found).toMatchObject({
      distribution: 'arch',
      version: '',
      bootLoader: 'systemd-boot',
      linux: {
        packageSystem: 'pacman',
        initramfsTool: 'mkinitcpio',
        kernels: [{ initramfs: { path: '/boot/initramfs-linux.img' } }],
        vmwareTools: { packages: ['open-vm-tools'] },
      },
    })
  })

  it('Photon: networkd, and tools out of VMware’s archive', async () => {
    const found = await inspected({
      '/etc/os-release': 'ID=photon\nVERSION_ID="5.0"\n',
      '/etc/systemd/network/99-dhcp-en.network': '[Match]\nName=e*\n\n[Network]\nDHCP=yes\n',
      '/etc/systemd/network/10-lan.link': '[Match]\nPermanentMACAddress=00:50:56:aa:bb:01\n\n[Link]\nName=lan0\n',
      '/etc/vmware-tools/locations': '',
    })
    expect(found).toMatchObject({
      title: 'Linux 5.0',
      linux: {
        vmwareTools: { packages: [], tarball: true },
        network: [
          {
            system: 'networkd',
            interfaces: [
              { file: '/etc/systemd/network/99-dhcp-en.network', name: 'e*' },
              { file: '/etc/systemd/network/10-lan.link', name: 'lan0', mac: '00:50:56:aa:bb:01' },
            ],
          },
        ],
      },
    })
  })

  it('Ubuntu: netplan with a match by MAC, cloud-init', async () => {
    const found = await inspected({
      '/etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\n',
      '/etc/netplan/50-cloud-init.yaml':
        'network:\n  version: 2\n  ethernets:\n    ens192: {dhcp4: true}\n    lan:\n      match: {macaddress: "00:50:56:AA:BB:03"}\n      set-name: lan0\n',
      '/etc/netplan/99-broken.yaml': 'network: [\n',
      '/etc/cloud/cloud.cfg.d/50-network.cfg':
        'network: {version: 1, config: [{type: physical, name: ens192, mac_address: "00:50:56:aa:bb:03"}]}\n',
    })
    expect(found.linux.network).toEqual([
      {
        system: 'netplan',
        interfaces: [
          { file: '/etc/netplan/50-cloud-init.yaml', name: 'ens192' },
          { file: '/etc/netplan/50-cloud-init.yaml', name: 'lan0', mac: '00:50:56:aa:bb:03' },
        ],
      },
      {
        system: 'cloud-init',
        interfaces: [{ file: '/etc/cloud/cloud.cfg.d/50-network.cfg', name: 'ens192', mac: '00:50:56:aa:bb:03' }],
      },
    ])
  })

  it('CentOS 6: what came before os-release', async () => {
    const found = await inspected({
      '/etc/redhat-release': 'CentOS release 6.10 (Final)\n',
      '/boot/grub/menu.lst': '',
      '/etc/inittab': '',
    })
    expect(found).toMatchObject({
      distribution: 'centos',
      version: '6.10',
      bootLoader: 'grub-legacy',
      linux: { init: 'sysvinit' },
    })
  })

  it('two kernels in their order, and no third for modules that a removed one left', async () => {
    const { linux } = await inspected(
      {
        ...modules('6.1.0-9-amd64', 'block/virtio_blk.ko'),
        ...modules('6.1.0-28-amd64', 'block/virtio_blk.ko'),
        ...modules('5.10.0-1-amd64', 'block/virtio_blk.ko'),
        '/boot/vmlinuz-6.1.0-9-amd64': '',
        '/boot/vmlinuz-6.1.0-28-amd64': '',
        '/boot/initrd.img-6.1.0-28-amd64': '',
      },
      { initramfs: ['virtio_blk'] },
    )
    expect(linux.kernels.map(({ release, initramfs }) => [release, initramfs?.holds])).toEqual([
      ['6.1.0-9-amd64', undefined],
      ['6.1.0-28-amd64', ['virtio_blk']],
    ])
  })

  it('users, packages and services, when they are asked for', async () => {
    const { linux } = await inspected(
      {
        '/etc/passwd':
          'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nann:x:1000:1000::/home/ann:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
        '/var/lib/dpkg/status':
          'Package: zsh\nStatus: install ok installed\n\nPackage: bash\nStatus: install ok installed\n',
        '/etc/systemd/system/multi-user.target.wants/ssh.service': { linkTo: '/lib/systemd/system/ssh.service' },
      },
      { collectGuestInfo: true },
    )
    expect(linux.info).toEqual({
      users: [
        { name: 'root', uid: 0, home: '/root', shell: '/bin/bash' },
        { name: 'ann', uid: 1000, home: '/home/ann', shell: '/bin/sh' },
      ],
      packages: ['bash', 'zsh'],
      services: ['ssh.service'],
    })
  })
})
