import type { FstabEntry } from '../../core/inspection.ts'
import { type Appliance, CallError } from './appliance.ts'
import type { Devices, Filesystem } from './devices.ts'
import { type Crypttab, readCrypttab, readFstab } from './inspect/fstab.ts'
import { spelt } from './spelt.ts'
import { applianceTree } from './tree.ts'

/** An operating system on a guest's disks: what is mounted where. */
export interface System {
  readonly family: 'linux' | 'windows'
  readonly root: Filesystem
  /** With the root, in the order in which they are mounted. */
  readonly mounts: readonly { readonly mountpoint: string; readonly mountable: string; readonly device: string }[]
  readonly crypttab: Crypttab
}

const mountedTypes = /^(ext[234]|xfs|btrfs|vfat|ntfs|reiserfs|jfs|f2fs|iso9660|exfat)$/
// What a package needs to look at and change: /boot and the ESP, /usr and /var where they are their own.
const notNeeded = /^(swap|none|tmpfs|proc|sysfs|devpts|cgroup2?|nfs4?|cifs|fuse.*|autofs|overlay)$/

/** The systems on these disks. Leaves nothing mounted. */
export async function findSystems(appliance: Appliance, devices: Devices): Promise<readonly System[]> {
  const systems: System[] = []
  for (const filesystem of byLikelihood(devices.filesystems)) {
    const alreadyRoot = systems.some(({ root }) => root.device === filesystem.device)
    if (!mountedTypes.test(filesystem.type) || alreadyRoot) continue
    if (!(await tryMount(appliance, filesystem.mountable, '/', 'ro'))) continue
    const family = await familyOf(appliance)
    if (family === 'linux') systems.push(await linuxSystem(appliance, filesystem, devices))
    else if (family === 'windows')
      systems.push({ family, root: filesystem, mounts: [at('/', filesystem)], crypttab: [] })
    await appliance.call('umount_all')
  }
  return systems
}

/** Mounts all of a system. What cannot be mounted besides its root is left out; returns the mountpoints of those. */
export async function mountSystem(appliance: Appliance, system: System, how: 'ro' | 'rw'): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { mountpoint, mountable } of system.mounts) {
    if (await tryMount(appliance, mountable, mountpoint, how)) continue
    failed.push(mountpoint)
  }
  return failed
}

// Of several subvolumes the one that is mounted without naming any, then what installers call the root's.
function byLikelihood(filesystems: readonly Filesystem[]): readonly Filesystem[] {
  const rank = ({ subvolume }: Filesystem) => {
    if (subvolume === undefined) return 0
    return /^(@|root|@rootfs|@\/\.snapshots\/\d+\/snapshot)$/.test(subvolume) ? 1 : 2
  }
  return filesystems
    .filter(
      ({ subvolume }) =>
        subvolume === undefined || !/snapshot/.test(subvolume) || rank({ subvolume } as Filesystem) === 1,
    )
    .toSorted((a, b) => rank(a) - rank(b))
}

async function tryMount(
  { call }: Appliance,
  mountable: string,
  mountpoint: string,
  how: 'ro' | 'rw',
): Promise<boolean> {
  try {
    await call(how === 'ro' ? 'mount_ro' : 'mount', [mountable, mountpoint])
    return true
  } catch (error) {
    if (error instanceof CallError) return false
    throw error
  }
}

async function familyOf(appliance: Appliance): Promise<System['family'] | undefined> {
  const tree = applianceTree(appliance)
  for (const path of [
    '/etc/os-release',
    '/usr/lib/os-release',
    '/etc/redhat-release',
    '/etc/debian_version',
    '/etc/SuSE-release',
  ]) {
    if ((await tree.kind(path)) !== undefined && (await tree.kind('/etc/fstab')) !== undefined) return 'linux'
  }
  return (await spelt(appliance, '/Windows/System32/config/SYSTEM')) === undefined ? undefined : 'windows'
}

async function linuxSystem(appliance: Appliance, root: Filesystem, devices: Devices): Promise<System> {
  const tree = applianceTree(appliance)
  const crypttab = readCrypttab((await tree.read('/etc/crypttab')) ?? '', devices)
  const fstab = readFstab((await tree.read('/etc/fstab')) ?? '', devices, crypttab)
  const others = fstab
    .filter(({ mountpoint, type }) => mountpoint.startsWith('/') && mountpoint !== '/' && !notNeeded.test(type))
    .flatMap((entry) => {
      const mountable = mountableOf(entry, devices)
      return mountable && entry.device ? [{ mountpoint: entry.mountpoint, mountable, device: entry.device }] : []
    })
    .toSorted((a, b) => a.mountpoint.split('/').length - b.mountpoint.split('/').length)
  return { family: 'linux', root, mounts: [at('/', root), ...others], crypttab }
}

function mountableOf({ device, options }: FstabEntry, { filesystems }: Devices): string | undefined {
  if (device === undefined) return undefined
  const subvolume = options.match(/(?:^|,)subvol=\/?([^,]*)/)?.[1]
  const candidates = filesystems.filter((one) => one.device === device)
  const wanted = candidates.find((one) => one.subvolume === subvolume) ?? (subvolume ? undefined : candidates[0])
  return wanted && mountedTypes.test(wanted.type) ? wanted.mountable : undefined
}

function at(mountpoint: string, { mountable, device }: Filesystem) {
  return { mountpoint, mountable, device }
}
