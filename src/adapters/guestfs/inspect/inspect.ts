import type { Inspection } from '../../../core/inspection.ts'
import type { Runner } from '../../../ports/runner.ts'
import type { Appliance } from '../appliance.ts'
import type { Devices } from '../devices.ts'
import { mountSystem, type System } from '../mount-guest.ts'
import { applianceTree } from '../tree.ts'
import { architectureOf } from './architecture.ts'
import { readBoots } from './boot.ts'
import { judge } from './findings.ts'
import { inspectLinux } from './linux.ts'
import { createReadInitramfs } from './read-initramfs.ts'
import { encryptedVolumes, inspectWindows } from './windows.ts'

interface Options {
  readonly collectGuestInfo: boolean
  readonly runner: Runner
  /** Absolute. */
  readonly temporary: string
  readonly signal: AbortSignal
}

/** Reads the first of the systems; leaves it mounted. */
export async function inspectGuest(
  appliance: Appliance,
  devices: Devices,
  systems: readonly System[],
  options: Options,
): Promise<Inspection> {
  const [system] = systems
  const base = {
    family: 'unknown',
    distribution: 'unknown',
    version: '',
    title: '',
    architecture: '',
    boots: await readBoots(appliance, devices),
    bootLoader: 'unknown',
    filesystems: filesystemsOf(devices, system),
    layers: devices.layers,
  } as const
  const bitlocker = await encryptedVolumes(appliance, devices)
  const notMounted = system && (await mountToRead(appliance, system))
  const inspection = {
    ...base,
    ...(await readSystem(appliance, devices, system, bitlocker, options)),
    ...(notMounted ? { filesystems: await withSpace(appliance, base.filesystems, notMounted) } : {}),
  }
  const others = systems.slice(1).map(({ root }) => root.device)
  return { ...inspection, findings: judge(inspection, devices, { others, bitlocker }) }
}

// A Linux can be written to where it can be, which is only its overlay: rpm locks its database, and what it says is a file.
async function mountToRead(appliance: Appliance, system: System): Promise<readonly string[]> {
  if (system.family === 'linux') {
    const failed = await mountSystem(appliance, system, 'rw')
    if (!failed.includes('/')) return failed
    await appliance.call('umount_all')
  }
  return mountSystem(appliance, system, 'ro')
}

async function readSystem(
  appliance: Appliance,
  devices: Devices,
  system: System | undefined,
  bitlocker: readonly string[],
  options: Options,
): Promise<Partial<Inspection>> {
  if (!system) return {}
  if (system.family === 'linux') return readLinux(appliance, devices, options)
  return { family: 'windows', ...(await inspectWindows(appliance, system, bitlocker)) }
}

async function readLinux(appliance: Appliance, devices: Devices, options: Options) {
  const tree = applianceTree(appliance)
  const readInitramfs = createReadInitramfs(appliance, options)
  const found = await inspectLinux(tree, devices, readInitramfs, options)
  return { family: 'linux' as const, ...found, architecture: await architectureOf(tree) }
}

// An encrypted device is none, and is named by its UUID as they are.
function filesystemsOf({ filesystems, luks }: Devices, system: System | undefined): Inspection['filesystems'] {
  const mounted = filesystems.map(({ mountable, ...filesystem }) => {
    const mountpoint = system?.mounts.find((mount) => mount.mountable === mountable)?.mountpoint
    return { ...filesystem, ...(mountpoint === undefined ? {} : { mountpoint }) }
  })
  const encrypted = luks.map(({ device, uuid }) => ({ device, type: 'crypto_LUKS', ...(uuid ? { uuid } : {}) }))
  return [...mounted, ...encrypted]
}

/** Each that is mounted with what is free there. */
async function withSpace(
  { call }: Appliance,
  filesystems: Inspection['filesystems'],
  notMounted: readonly string[],
): Promise<Inspection['filesystems']> {
  return Promise.all(
    filesystems.map(async (filesystem) => {
      const { mountpoint } = filesystem
      if (mountpoint === undefined || notMounted.includes(mountpoint)) return filesystem
      const { bavail, frsize } = await call<Record<'bavail' | 'frsize', number>>('statvfs', [mountpoint])
      return { ...filesystem, freeBytes: bavail * frsize }
    }),
  )
}
