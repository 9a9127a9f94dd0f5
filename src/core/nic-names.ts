import type { Hardware, Nic } from './machine.ts'

/** Where a NIC sits on the target's PCI bus. */
export interface PciPlace {
  readonly bus: number
  readonly slot: number
}

// Others are conventional PCI devices: on q35 libvirt puts them behind a bridge of its own choice.
const pciExpress: ReadonlySet<string> = new Set(['virtio', 'virtio-non-transitional', 'e1000e', 'igb'])
// Slot 1 is the chipset's, slot 2 the video's; some have to stay for disks and controllers.
const firstPcSlot = 3
const maxPcNics = 16

/**
 * A fixed place for each NIC, so that its name in the guest is certain: on q35 each has a root port of its own, on pc they
 * follow each other on the one bus. It is where libvirt would put them anyway. Undefined where that is up to libvirt.
 */
export function nicPlaces(
  machineType: Hardware['machineType'],
  nics: readonly Pick<Nic, 'model'>[],
): readonly PciPlace[] | undefined {
  if (machineType === 'pc') {
    return nics.length > maxPcNics ? undefined : nics.map((_, index) => ({ bus: 0, slot: firstPcSlot + index }))
  }
  return nics.every(({ model }) => pciExpress.has(model))
    ? nics.map((_, index) => ({ bus: index + 1, slot: 0 }))
    : undefined
}

/**
 * What systemd calls each NIC on the target (systemd.net-naming-scheme(7)): on q35 by bus and slot, such as `enp1s0`; on pc
 * by the slot that ACPI numbers, such as `ens3`. Undefined where it cannot be known.
 */
export function nicNames(
  machineType: Hardware['machineType'],
  nics: readonly Pick<Nic, 'model'>[],
): readonly (string | undefined)[] {
  const places = nicPlaces(machineType, nics)
  return nics.map((_, index) => {
    const place = places?.[index]
    if (!place) return undefined
    return place.bus === 0 ? `ens${place.slot}` : `enp${place.bus}s${place.slot}`
  })
}
