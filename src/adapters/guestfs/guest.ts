import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Inspection } from '../../core/inspection.ts'
import { problem } from '../../core/problem.ts'
import type { RepairOutcome, RepairRequest } from '../../core/repair.ts'
import type { Guest, GuestDisks } from '../../ports/guests.ts'
import type { Runner } from '../../ports/runner.ts'
import { type Appliance, CallError, unlessRefused } from './appliance.ts'
import { type Devices, readDevices } from './devices.ts'
import { inspectGuest } from './inspect/inspect.ts'
import { createReadInitramfs } from './inspect/read-initramfs.ts'
import type { Keyring } from './keyring.ts'
import { type RepairOptions, repairLinux } from './linux/repairs.ts'
import { closeEncrypted, guestNames } from './luks.ts'
import { findSystems, mountSystem, type System } from './mount-guest.ts'
import { applianceTree } from './tree.ts'

interface Found {
  readonly devices: Devices
  readonly systems: readonly System[]
}

interface Surroundings {
  readonly emulated: boolean
  readonly runner: Runner
  readonly disks: GuestDisks
  readonly keyring: Keyring
  readonly signal: AbortSignal
}

/** The guest in an appliance that was launched with its disks. */
export function guestIn(appliance: Appliance, { runner, disks, keyring, emulated, signal }: Surroundings): Guest {
  let found: Promise<Found> | undefined
  const look = () => {
    found ??= find(appliance, keyring)
    return found
  }
  const temporary = join(disks.folder, 'tmp')
  const end = async () => {
    await appliance.end()
    await rm(temporary, { recursive: true, force: true })
  }
  return {
    inspect: (options) =>
      readable(async (): Promise<Inspection> => {
        const { devices, systems } = await look()
        return await inspectGuest(appliance, devices, systems, { ...options, runner, temporary, signal })
      }),
    repair: (inspection, request) =>
      readable(async () => {
        const [system] = (await look()).systems
        if (system?.family !== 'linux') {
          throw problem('NOT_BUILT', `this version repairs no ${inspection.title || 'such guest'}`, {
            hint: 'set pipeline.fix.enabled: false for this machine',
          })
        }
        const readInitramfs = createReadInitramfs(appliance, { runner, temporary, signal })
        return await repair(appliance, system, inspection, request, { readInitramfs, emulated, signal })
      }),
    async finish() {
      await readable(async () => {
        await appliance.call('umount_all')
        await appliance.call('shutdown')
      })
      await end()
    },
    abandon: end,
  }
}

async function find(appliance: Appliance, keyring: Keyring): Promise<Found> {
  const under = async (names: ReadonlyMap<string, string>): Promise<Found> => {
    const devices = await readDevices(appliance, keyring, names)
    return { devices, systems: await findSystems(appliance, devices) }
  }
  const found = await under(new Map())
  const names = guestNames(found.devices, found.systems)
  if (names.size === 0) return found
  await closeEncrypted(appliance, found.devices)
  return await under(names)
}

async function repair(
  appliance: Appliance,
  system: System,
  inspection: Inspection,
  request: RepairRequest,
  options: RepairOptions,
): Promise<RepairOutcome> {
  await appliance.call('umount_all')
  const failed = await mountSystem(appliance, system, 'rw')
  if (failed.includes('/')) {
    throw problem('GUEST_UNREADABLE', `${system.root.device} of the guest cannot be written to`, {
      hint: 'check its file system at the source, and shut it down',
    })
  }
  const outcome = await repairLinux(applianceTree(appliance), inspection, request, options)
  for (const { mountpoint } of system.mounts) await trim(appliance, mountpoint)
  return outcome
}

// What the guest deleted need not be copied. Some file systems cannot say what that is.
async function trim({ call }: Appliance, mountpoint: string): Promise<void> {
  await unlessRefused(call('fstrim', [mountpoint]))
}

/** What libguestfs cannot do with these disks is no fault of h2k's. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    throw problem('GUEST_UNREADABLE', `libguestfs cannot work with the guest: ${error.message}`)
  }
}
