import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { qemuImg } from './machines.ts'

const startBytes = 1024 * 1024
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

/** Files of a Linux that need not boot: enough for an inspection to know it, with a root that is named by its device. */
const linuxFiles: Readonly<Record<string, string>> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n',
  '/etc/hostname': 'web01\n',
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nauto ens192\niface ens192 inet dhcp\n',
  '/var/lib/dpkg/status':
    'Package: open-vm-tools\nStatus: install ok installed\nVersion: 1\n\nPackage: gone\nStatus: deinstall ok config-files\n',
  '/bin/sh': 'no program',
}

export interface LinuxDisk {
  readonly files: Readonly<Record<string, string>>
  /** Files of this machine, by their paths in the guest. */
  readonly copies?: Readonly<Record<string, string>>
  readonly mib: number
}

/** A streamOptimized VMDK with one partition of ext4 that holds these files; scripts can be run. */
export function makeLinuxDisk(
  path: string,
  { files, copies = {}, mib }: LinuxDisk = { files: linuxFiles, mib: 64 },
): void {
  const tree = `${path}.tree`
  const raw = `${path}.raw`
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(tree, name, '..'), { recursive: true })
    writeFileSync(join(tree, name), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
  for (const [name, from] of Object.entries(copies)) {
    mkdirSync(join(tree, name, '..'), { recursive: true })
    copyFileSync(from, join(tree, name))
  }
  execFileSync('truncate', ['-s', `${mib}M`, raw])
  execFileSync('sfdisk', ['-q', raw], {
    input: `label: dos\nstart=${startBytes / 512}, type=83, bootable\n`,
    env: environment,
  })
  const options = ['-q', '-F', '-t', 'ext4', '-d', tree, '-E', `offset=${startBytes},root_owner=0:0`]
  execFileSync('mke2fs', [...options, raw, `${(mib - 1) * 1024}k`], { env: environment })
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, path)
  rmSync(tree, { recursive: true })
  rmSync(raw)
}

/** A file of the guest, read from an image whose root is that partition, counted from 1. */
export function fileOf(image: string, path: string, partition = 1): string {
  const raw = `${image}.read`
  qemuImg('convert', '-O', 'raw', image, raw)
  try {
    const { partitiontable } = JSON.parse(
      execFileSync('sfdisk', ['--json', raw], { encoding: 'utf8', env: environment }),
    ) as { partitiontable: { partitions: readonly { start: number }[] } }
    const start = partitiontable.partitions[partition - 1]?.start ?? 0
    return execFileSync('debugfs', ['-R', `cat ${path}`, `${raw}?offset=${start * 512}`], {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } finally {
    rmSync(raw)
  }
}
