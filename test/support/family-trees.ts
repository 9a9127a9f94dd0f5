/** A Linux of each family by its files, as one that has only seen VMware has them; the tools are small scripts. */
export interface FamilyTree {
  readonly name: string
  /** What the inspection has to find of it. */
  readonly known: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly links?: Readonly<Record<string, string>>
  /** The path of the initramfs, and the program that makes it. */
  readonly image: string
  readonly maker: string
  /** A file that names the card. */
  readonly network: string
}

/** Below `kernel/drivers`, without their endings. */
export const virtioDrivers = ['block/virtio_blk', 'net/virtio_net', 'scsi/virtio_scsi', 'virtio/virtio_pci']

function kernel(release: string, image: string, folder = '/lib/modules'): Readonly<Record<string, string>> {
  return {
    [`${folder}/${release}/modules.builtin`]: 'kernel/fs/ext4/ext4.ko\n',
    [`${folder}/${release}/modules.dep`]: virtioDrivers.map((name) => `kernel/drivers/${name}.ko.xz:\n`).join(''),
    [image]: 'an image of another machine',
  }
}

const osRelease = (id: string, version: string, title: string) => ({
  '/etc/os-release': `ID=${id}\nVERSION_ID="${version}"\nPRETTY_NAME="${title}"\n`,
})
const ifcfg = 'TYPE=Ethernet\nNAME=ens192\nDEVICE=ens192\nHWADDR=00:50:56:AA:BB:01\nBOOTPROTO=dhcp\nONBOOT=yes\n'
const keyfile =
  '[connection]\nid=ens192\ntype=ethernet\ninterface-name=ens192\n[ethernet]\nmac-address=00:50:56:AA:BB:01\n[ipv4]\nmethod=auto\n'
const rpmDatabase = { '/var/lib/rpm/Packages': 'a database', '/usr/bin/rpm': rpm('bash', 'open-vm-tools') }
const grub2 = { '/boot/grub2/grub.cfg': 'linux /vmlinuz root=/dev/sda1 ro\n', '/etc/default/grub': 'GRUB_TIMEOUT=5\n' }

/** Answers what is installed, and writes down what it removes. */
function rpm(...names: readonly string[]): string {
  return `#!/bin/sh
if [ "$1" != -qa ]; then
  echo "rpm $*" >> /tools.log && : > /removed
elif [ ! -e /removed ]; then
  printf '%s\\n' ${names.join(' ')}
fi
`
}

const rhel = (
  version: string,
  release: string,
  files: Readonly<Record<string, string>>,
  network: string,
): FamilyTree => ({
  name: `RHEL ${version}`,
  known: { distribution: 'rhel', version, tool: 'dracut', packages: 'rpm' },
  files: {
    ...osRelease('rhel', version, `Red Hat Enterprise Linux ${version}`),
    ...kernel(release, `/boot/initramfs-${release}.img`),
    [`/boot/vmlinuz-${release}`]: 'a kernel',
    '/etc/dracut.conf.d/00-site.conf': 'hostonly="yes"\n',
    '/etc/selinux/config': 'SELINUX=enforcing\nSELINUXTYPE=targeted\n',
    '/usr/lib/systemd/systemd': 'init',
    ...rpmDatabase,
    ...grub2,
    ...files,
  },
  links: { '/sbin/init': '../usr/lib/systemd/systemd' },
  image: `/boot/initramfs-${release}.img`,
  maker: '/usr/sbin/dracut',
  network,
})

const bls = (release: string) => ({
  [`/boot/loader/entries/0123-${release}.conf`]: `title RHEL\nversion ${release}\nlinux /vmlinuz-${release}\ninitrd /initramfs-${release}.img\noptions root=/dev/sda1 ro\n`,
})

export const familyTrees: readonly FamilyTree[] = [
  {
    name: 'Ubuntu 22.04',
    known: { distribution: 'ubuntu', version: '22.04', tool: 'initramfs-tools', packages: 'dpkg' },
    files: {
      ...osRelease('ubuntu', '22.04', 'Ubuntu 22.04.4 LTS'),
      ...kernel('5.15.0-105-generic', '/boot/initrd.img-5.15.0-105-generic'),
      '/boot/vmlinuz-5.15.0-105-generic': 'a kernel',
      '/boot/grub/grub.cfg': 'linux /boot/vmlinuz root=/dev/sda1 ro\n',
      '/etc/initramfs-tools/initramfs.conf': 'MODULES=dep\nCOMPRESS=zstd\n',
      '/etc/netplan/00-installer-config.yaml':
        'network:\n  version: 2\n  ethernets:\n    ens192:\n      dhcp4: true\n      match: {macaddress: "00:50:56:aa:bb:01"}\n      set-name: ens192\n',
      '/var/lib/dpkg/status': 'Package: open-vm-tools\nStatus: install ok installed\nVersion: 1\n',
      '/usr/bin/dpkg': '#!/bin/sh\necho "dpkg $*" >> /tools.log\n: > /var/lib/dpkg/status\n',
    },
    image: '/boot/initrd.img-5.15.0-105-generic',
    maker: '/usr/sbin/update-initramfs',
    network: '/etc/netplan/00-installer-config.yaml',
  },
  rhel(
    '7.9',
    '3.10.0-1160.el7.x86_64',
    { '/etc/sysconfig/network-scripts/ifcfg-ens192': ifcfg },
    '/etc/sysconfig/network-scripts/ifcfg-ens192',
  ),
  rhel(
    '8.9',
    '4.18.0-513.el8.x86_64',
    { '/etc/sysconfig/network-scripts/ifcfg-ens192': ifcfg, ...bls('4.18.0-513.el8.x86_64') },
    '/etc/sysconfig/network-scripts/ifcfg-ens192',
  ),
  rhel(
    '9.3',
    '5.14.0-362.el9.x86_64',
    { '/etc/NetworkManager/system-connections/ens192.nmconnection': keyfile, ...bls('5.14.0-362.el9.x86_64') },
    '/etc/NetworkManager/system-connections/ens192.nmconnection',
  ),
  rhel(
    '10.0',
    '6.12.0-55.el10.x86_64',
    { '/etc/NetworkManager/system-connections/ens192.nmconnection': keyfile, ...bls('6.12.0-55.el10.x86_64') },
    '/etc/NetworkManager/system-connections/ens192.nmconnection',
  ),
  {
    name: 'SLES 15',
    known: { distribution: 'sles', version: '15.5', tool: 'dracut', packages: 'rpm' },
    files: {
      ...osRelease('sles', '15.5', 'SUSE Linux Enterprise Server 15 SP5'),
      ...kernel('5.14.21-default', '/boot/initrd-5.14.21-default'),
      '/boot/vmlinuz-5.14.21-default': 'a kernel',
      '/etc/sysconfig/network/ifcfg-eth0': "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
      '/etc/udev/rules.d/70-persistent-net.rules':
        'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="vmxnet3", ATTR{address}=="00:50:56:aa:bb:01", NAME="eth0"\n',
      ...rpmDatabase,
      ...grub2,
    },
    image: '/boot/initrd-5.14.21-default',
    maker: '/usr/bin/dracut',
    network: '/etc/udev/rules.d/70-persistent-net.rules',
  },
  {
    name: 'Alpine 3.19',
    known: { distribution: 'alpine', version: '3.19.1', tool: 'mkinitfs', packages: 'apk' },
    files: {
      ...osRelease('alpine', '3.19.1', 'Alpine Linux v3.19'),
      ...kernel('6.6.14-0-lts', '/boot/initramfs-lts'),
      '/boot/vmlinuz-lts': 'a kernel',
      '/boot/extlinux.conf': 'APPEND root=/dev/sda1 modules=sd-mod,ext4\n',
      '/etc/mkinitfs/mkinitfs.conf': 'features="base ext4 scsi"\n',
      '/etc/network/interfaces': 'auto ens192\niface ens192 inet dhcp\n',
      '/lib/apk/db/installed': 'C:Q1\nP:open-vm-tools\nV:12\n\n',
      '/sbin/openrc': 'openrc',
      '/sbin/apk': '#!/bin/sh\necho "apk $*" >> /tools.log\n: > /lib/apk/db/installed\n',
    },
    image: '/boot/initramfs-lts',
    maker: '/sbin/mkinitfs',
    network: '/etc/network/interfaces',
  },
  {
    name: 'Arch',
    known: { distribution: 'arch', version: '', tool: 'mkinitcpio', packages: 'pacman' },
    files: {
      '/etc/os-release': 'ID=arch\nPRETTY_NAME="Arch Linux"\n',
      ...kernel('6.7.1-arch1-1', '/boot/initramfs-linux.img'),
      '/lib/modules/6.7.1-arch1-1/pkgbase': 'linux\n',
      '/boot/vmlinuz-linux': 'a kernel',
      '/boot/grub/grub.cfg': 'linux /boot/vmlinuz-linux root=/dev/sda1 rw\n',
      '/etc/mkinitcpio.conf': 'MODULES=()\nHOOKS=(base udev autodetect block filesystems)\n',
      '/etc/systemd/network/20-wired.network': '[Match]\nName=ens192\n[Network]\nDHCP=yes\n',
      '/var/lib/pacman/local/open-vm-tools-6:12.3.5-1/desc': '%NAME%\nopen-vm-tools\n',
      '/usr/bin/pacman':
        '#!/bin/sh\necho "pacman $*" >> /tools.log\nrm -r /var/lib/pacman/local/open-vm-tools-6:12.3.5-1\n',
    },
    image: '/boot/initramfs-linux.img',
    maker: '/usr/bin/mkinitcpio',
    network: '/etc/systemd/network/20-wired.network',
  },
  {
    name: 'Photon 5',
    known: { distribution: 'photon', version: '5.0', tool: 'dracut', packages: 'rpm' },
    files: {
      ...osRelease('photon', '5.0', 'VMware Photon OS/Linux'),
      ...kernel('6.1.79-1.ph5', '/boot/initrd.img-6.1.79-1.ph5'),
      '/boot/vmlinuz-6.1.79-1.ph5': 'a kernel',
      '/boot/grub2/grub.cfg': 'linux /vmlinuz root=/dev/sda1\n',
      '/etc/systemd/network/50-static-en.network':
        '[Match]\nMACAddress=00:50:56:aa:bb:01\nName=ens192\n[Network]\nDHCP=yes\n',
      '/usr/lib/sysimage/rpm/rpmdb.sqlite': 'a database',
      '/usr/bin/rpm': rpm('bash', 'open-vm-tools'),
    },
    image: '/boot/initrd.img-6.1.79-1.ph5',
    maker: '/usr/bin/dracut',
    network: '/etc/systemd/network/50-static-en.network',
  },
]

/** A program that makes `image` as an initramfs that holds the drivers, whatever it is asked for. */
export function imageMaker(image: string): string {
  const paths = virtioDrivers.map((name) => `usr/lib/modules/kernel/drivers/${name}.ko.xz`)
  return `#!/bin/sh
echo "\${0##*/} $*" >> /tools.log
mkdir -p /made && cd /made || exit 1
for path in ${paths.join(' ')}; do
  mkdir -p "\${path%/*}" && : > "$path" || exit 1
done
printf '%s\\n' ${paths.join(' ')} | cpio --quiet -o -H newc > ${image} || exit 1
cd / && rm -r /made
`
}
