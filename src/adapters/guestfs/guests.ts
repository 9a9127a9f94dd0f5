import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageLocation } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import type { GuestDisks, Guests } from '../../ports/guests.ts'
import type { Runner } from '../../ports/runner.ts'
import { kvmWorks } from './acceleration.ts'
import { type Appliance, CallError, startAppliance } from './appliance.ts'
import { guestIn } from './guest.ts'
import { readKeyring } from './keyring.ts'
import { createVirtV2v } from './virt-v2v/virt-v2v.ts'

interface Means {
  readonly runner: Runner
  overlay(over: ImageLocation, path: string, signal: AbortSignal): Promise<void>
}

/** Guests by libguestfs: one appliance, a small virtual machine of the host's own kernel, for all of a guest's disks. */
export function createGuests({ runner, overlay }: Means): Guests {
  let kvm: Promise<boolean> | undefined
  let version: Promise<string> | undefined
  const emulated = async (signal: AbortSignal) => {
    kvm ??= kvmWorks(runner, signal)
    return !(await kvm)
  }
  return {
    virtV2v: createVirtV2v({ runner, overlay, emulated }),
    async open(disks, signal, overlays) {
      const keyring = await readKeyring(disks.luksKeys)
      if (overlays !== 'written') {
        for (const { image, overlay: path } of disks.disks) await overlay(image, path, signal)
      }
      const settings = { temporary: join(disks.folder, 'tmp'), emulated: await emulated(signal) }
      const appliance = await startAppliance(runner, settings, signal)
      try {
        await launch(appliance, disks)
        return guestIn(appliance, { runner, disks, keyring, emulated: settings.emulated, signal })
      } catch (error) {
        await appliance.end()
        await rm(settings.temporary, { recursive: true, force: true })
        throw error
      }
    },
    async tools(signal) {
      version ??= readVersion(runner, signal)
      return { libguestfs: await version, accelerator: (await emulated(signal)) ? 'software emulation' : 'KVM' }
    },
  }
}

async function launch(appliance: Appliance, { disks }: GuestDisks): Promise<void> {
  try {
    for (const { overlay } of disks) {
      // Without discard a guest's fstrim frees nothing in the overlay, and says nothing.
      await appliance.call('add_drive_opts', [overlay], { options: { format: 'qcow2', discard: 'enable' } })
    }
    await appliance.call('launch')
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    throw problem('TOOL_FAILED', `the appliance of libguestfs does not start: ${error.message}`, {
      hint: 'libguestfs-test-tool shows why',
    })
  }
}

async function readVersion(runner: Runner, signal: AbortSignal): Promise<string> {
  const appliance = await startAppliance(runner, { emulated: true }, signal)
  try {
    const { major, minor, release } = await appliance.call<Record<string, number>>('version')
    return `${major}.${minor}.${release}`
  } finally {
    await appliance.end()
  }
}
