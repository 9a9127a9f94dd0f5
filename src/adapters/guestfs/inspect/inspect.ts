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

interface Options {
  readonly collectGuestInfo: boolean
  readonly runner: Runner
  /** Absolute. */
  readonly temporary: string
  readonly signal: AbortSignal
}

/** Reads the first of the systems; leaves it mounted, read only. */
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
  const inspection =
    system?.family === 'linux' ? { ...base, ...(await readLinux(appliance, devices, system, options)) } : base
  const others = systems.slice(1).map(({ root }) => root.device)
  return { ...inspection, findings: judge(inspection, devices, others) }
}

async function readLinux(appliance: Appliance, devices: Devices, system: System, options: Options) {
  await mountSystem(appliance, system, 'ro')
  const tree = applianceTree(appliance)
  const readInitramfs = createReadInitramfs(appliance, options)
  const found = await inspectLinux(tree, devices, readInitramfs, options)
  return { family: 'linux' as const, ...found, architecture: await architectureOf(tree) }
}

function filesystemsOf({ filesystems }: Devices, system: System | undefined): Inspection['filesystems'] {
  return filesystems.map(({ mountable, ...filesystem }) => {
    const mountpoint = system?.mounts.find((mount) => mount.mountable === mountable)?.mountpoint
    return { ...filesystem, ...(mountpoint === undefined ? {} : { mountpoint }) }
  })
}
