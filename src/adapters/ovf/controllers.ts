import type { DiskBus } from '../../core/described.ts'
import { problem } from '../../core/problem.ts'
import type { HardwareItem } from './hardware.ts'

/** Where a disk hangs. Compared by `compareSlots`. */
export interface Slot {
  readonly bus: DiskBus
  /** Of the first controller of this kind, of the controller, of the disk on it. */
  readonly position: readonly number[]
}

const kinds: ReadonlyMap<number, (subtype: string) => DiskBus> = new Map<number, (subtype: string) => DiskBus>([
  [5, () => 'ide'],
  [6, () => 'scsi'],
  // VMware: vmware.nvme.controller, vmware.sata.ahci; VirtualBox: NVMe, AHCI, VirtioSCSI.
  [20, (subtype) => (/nvme/i.test(subtype) ? 'nvme' : /scsi/i.test(subtype) ? 'scsi' : 'sata')],
])

export function isController(item: HardwareItem): boolean {
  return kinds.has(item.type)
}

/**
 * Says of each disk where it hangs. Kinds of controllers count as the writer numbered them (VirtualBox: IDE before SATA),
 * those of a kind by bus number: vCenter writes IDE 1 before IDE 0.
 * @throws ProblemError (from the returned function) OVF_INVALID when the disk hangs on nothing that takes disks
 */
export function slots(items: readonly HardwareItem[], file: string): (disk: HardwareItem) => Slot {
  const controllers = items.flatMap((item) => {
    const bus = kinds.get(item.type)?.(item.subtype ?? '')
    return bus === undefined ? [] : [{ bus, item, number: numberOf(item.instance), address: numberOf(item.address) }]
  })
  const firstOf = (bus: DiskBus) =>
    Math.min(...controllers.filter((each) => each.bus === bus).map((each) => each.number))
  return (disk) => {
    const place = numberOf(disk.addressOnParent)
    if (disk.parent === undefined) {
      return { bus: 'scsi', position: [Number.MAX_SAFE_INTEGER, 0, 0, place] }
    }
    const controller = controllers.find((each) => each.item.instance === disk.parent)
    if (controller === undefined) {
      const what = JSON.stringify(disk.name ?? disk.instance ?? '')
      throw problem(
        'OVF_INVALID',
        `${file}: the disk ${what} hangs on device ${disk.parent}, which is no disk controller`,
        {
          hint: "write the InstanceID of its controller into the disk's Parent",
          at: { file, line: disk.line },
        },
      )
    }
    const { bus, address, number } = controller
    return { bus, position: [firstOf(bus), address, number, place] }
  }
}

/** For sorting: negative when `a` comes first. */
export function compareSlots(a: Slot, b: Slot): number {
  const differing = a.position.findIndex((number, index) => number !== b.position[index])
  return differing === -1 ? 0 : (a.position[differing] ?? 0) - (b.position[differing] ?? 0)
}

/** A number for sorting, last when there is none. */
export function numberOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER
}
