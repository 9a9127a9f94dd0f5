import { execFileSync } from 'node:child_process'
import { virtioDrivers } from './family-trees.ts'
import { makeLinuxDisk } from './linux-disk.ts'

const release = '6.1.0-1-cloud-amd64'
const modules = `/lib/modules/${release}`
const drivers = virtioDrivers.map((name) => `kernel/drivers/${name}.ko`)

/** Writes down what it is asked, and then does this. */
const tool = (name: string, rest = '') => `#!/bin/sh\necho "${name} $*" >> /tools.log\n${rest}`

const files: Readonly<Record<string, string>> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/etc/debian_version': '12.5\n',
  '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n',
  '/etc/hostname': 'web01\n',
  '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 web01\n',
  '/etc/default/grub': 'GRUB_CMDLINE_LINUX="quiet"\n',
  '/etc/modprobe.d/local.conf': '# none\n',
  '/etc/initramfs-tools/modules': 'ext4\n',
  '/boot/grub/grub.cfg': `linux /boot/vmlinuz-${release} root=/dev/sda1 ro\n`,
  [`/boot/vmlinuz-${release}`]: 'a kernel',
  [`/boot/config-${release}`]: 'CONFIG_VIRTIO_BLK=m\n',
  [`/boot/initrd.img-${release}`]: 'an image of another machine',
  [`${modules}/modules.dep`]: drivers.map((name) => `${name}:\n`).join(''),
  '/var/lib/dpkg/status': `Package: linux-image-${release}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 6.1.1-1\n\n`,
  '/usr/bin/dpkg': tool('dpkg', '[ "$1" != -L ] || find /boot /lib/modules\n'),
  '/usr/sbin/grub-mkconfig': tool('grub-mkconfig'),
  '/usr/sbin/update-initramfs': tool('update-initramfs'),
  ...Object.fromEntries(['dev', 'proc', 'sys', 'tmp', 'run'].map((name) => [`/${name}/.keep`, ''])),
}

/**
 * What virt-v2v needs of a Debian to convert it, as VMware has it: its shell and small programs are this machine's, what makes its
 * initramfs and finds its packages is stood for by scripts, which write to /tools.log.
 */
export function makeDebianDisk(path: string): void {
  const programs = ['bash', 'cat', 'chmod', 'cp', 'find', 'grep', 'ln', 'ls', 'mkdir', 'mv', 'rm', 'sed']
  const paths = programs.map((name) => `/usr/bin/${name}`)
  const libraries = new Set(execFileSync('ldd', paths, { encoding: 'utf8' }).match(/(?<=\s)\/lib\S+(?= \()/g))
  const copies = {
    '/bin/sh': '/usr/bin/bash',
    ...Object.fromEntries(paths.map((name) => [name.replace('/usr', ''), name])),
    ...Object.fromEntries([...libraries].map((name) => [name, name])),
    // Their architecture is looked at.
    ...Object.fromEntries(drivers.map((name) => [`${modules}/${name}`, '/usr/bin/true'])),
  }
  makeLinuxDisk(path, { files, copies, mib: 96 })
}
