import { type Appliance, unlessRefused } from './appliance.ts'
import type { Devices } from './devices.ts'
import type { Key, Keyring } from './keyring.ts'
import type { System } from './mount-guest.ts'

/** An encrypted device; `opened` names what is in one to which a key fitted. */
export interface Encrypted {
  readonly device: string
  readonly uuid?: string
  readonly opened?: string
}

/** Opens what a key fits, under the name that `names` has for the device, else `h2k0` and so on. */
export async function openEncrypted(
  { call }: Appliance,
  devices: readonly string[],
  keyring: Keyring,
  names: ReadonlyMap<string, string>,
): Promise<readonly Encrypted[]> {
  const luks: Encrypted[] = []
  for (const [index, device] of devices.entries()) {
    const uuid = await unlessRefused(call<string>('luks_uuid', [device]))
    const name = names.get(device) ?? `h2k${index}`
    const key = await openOne(call, device, name, keyring.fittingOf(device, uuid))
    if (key) keyring.opened(device, key)
    luks.push({ device, ...(uuid ? { uuid } : {}), ...(key ? { opened: `/dev/mapper/${name}` } : {}) })
  }
  return luks
}

/**
 * The names that the guest's own crypttab has for what is open under others. The tools that make an initramfs look for these:
 * under another name they leave out how to open the root.
 */
export function guestNames({ luks }: Devices, systems: readonly System[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { name, device } of systems.flatMap(({ crypttab }) => crypttab)) {
    const open = luks.find((one) => one.device === device)?.opened
    const taken = names.has(device) || [...names.values()].includes(name)
    if (open !== undefined && open !== `/dev/mapper/${name}` && plainName.test(name) && !taken) names.set(device, name)
  }
  return names
}

// dmsetup(8) allows more; a name is an argument of cryptsetup, and a file beside /dev/mapper/control.
const plainName = /^(?!control$)[A-Za-z0-9_.][A-Za-z0-9_.+-]{0,126}$/

/** Closes what was opened, with the volumes in it; nothing may be mounted. Other volumes are there as before. */
export async function closeEncrypted({ call }: Appliance, { luks, layers }: Devices): Promise<void> {
  const volumes = layers.includes('lvm')
  // Refused for volumes with something encrypted in them, which is closed next, and for groups of which a disk is missing.
  if (volumes) await unlessRefused(call('vg_activate_all', [false]))
  for (const { opened } of luks) if (opened !== undefined) await call('cryptsetup_close', [opened])
  if (volumes) await unlessRefused(call('vg_activate_all', [true]))
}

async function openOne(call: Appliance['call'], device: string, name: string, keys: readonly Key[]) {
  for (const key of keys) {
    const opened = call('cryptsetup_open', [device, key.secret, name]).then(() => true as const)
    if (await unlessRefused(opened)) return key
  }
  return undefined
}
