import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Inspection, type VirtioModule, virtioModules } from '../../../core/inspection.ts'
import type { Runner } from '../../../ports/runner.ts'
import type { Appliance } from '../appliance.ts'
import type { Devices } from '../devices.ts'
import { createInflate } from '../inflate.ts'
import { mountSystem, type System } from '../mount-guest.ts'
import { applianceTree } from '../tree.ts'
import { architectureOf } from './architecture.ts'
import { readBoots } from './boot.ts'
import { judge } from './findings.ts'
import { initramfsNames } from './initramfs.ts'
import { hasModule } from './kernels.ts'
import { inspectLinux } from './linux.ts'

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
  const inflate = createInflate(options.runner, options.temporary, options.signal)
  const local = join(options.temporary, 'initramfs.image')
  // One after the other: they share a name, and memory.
  let previous: Promise<unknown> = Promise.resolve()
  const readInitramfs = (path: string): Promise<readonly VirtioModule[] | undefined> => {
    const reading = previous.then(async () => {
      try {
        await appliance.call('download', [path, local])
        const names = await initramfsNames(await readFile(local), inflate)
        return names && virtioModules.filter((name) => hasModule(names, name))
      } finally {
        await rm(local, { force: true })
      }
    })
    previous = reading.catch(() => undefined)
    return reading
  }
  const found = await inspectLinux(tree, devices, readInitramfs, options)
  return { family: 'linux' as const, ...found, architecture: await architectureOf(tree) }
}

function filesystemsOf({ filesystems }: Devices, system: System | undefined): Inspection['filesystems'] {
  return filesystems.map(({ mountable, ...filesystem }) => {
    const mountpoint = system?.mounts.find((mount) => mount.mountable === mountable)?.mountpoint
    return { ...filesystem, ...(mountpoint === undefined ? {} : { mountpoint }) }
  })
}
