import type { DescribedDisk } from '../../core/described.ts'
import { problem } from '../../core/problem.ts'
import { childrenNamed, type XmlElement } from '../../core/xml.ts'
import { compareSlots, slots } from './controllers.ts'
import { describeImage } from './disk-image.ts'
import { type OvfFile, ofKind } from './envelope.ts'
import type { HardwareItem } from './hardware.ts'

export interface OvfParts {
  readonly envelope: XmlElement
  readonly system: XmlElement
  readonly items: readonly HardwareItem[]
  readonly files: ReadonlyMap<string, OvfFile>
  /** The descriptor's name in problems. */
  readonly file: string
}

/** 17 as every writer has it, 31 (logical disk) as OVF 2 may. */
export function isDisk(item: HardwareItem): boolean {
  return item.type === 17 || item.type === 31
}

/**
 * The disks that hang on the machine: those that a BootOrderSection names first, then by controller and place on it.
 * @throws ProblemError OVF_INVALID for what contradicts itself, OVF_UNSUPPORTED for what h2k cannot carry over
 */
export function describeDisks(parts: OvfParts): { disks: readonly DescribedDisk[]; warnings: readonly string[] } {
  const { files, file } = parts
  const declared = declaredDisks(parts)
  const used = new Set<string>()
  const ids = new Set<string>()
  const warnings: string[] = []
  const disks = inBootOrder(parts).map(({ item, bus }) => {
    const at = { file, line: item.line }
    const diskId = diskIdOf(item, file)
    const disk = declared.get(diskId)
    const shown = JSON.stringify(diskId)
    if (disk === undefined)
      throw problem('OVF_INVALID', `${file}: the machine has disk ${shown}, which no DiskSection has`, { at })
    if (used.has(diskId)) throw problem('OVF_INVALID', `${file}: the machine has disk ${shown} twice`, { at })
    used.add(diskId)
    if (item.parent === undefined) warnings.push(`disk ${shown} names no controller: taken for SCSI`)
    return {
      id: uniqueId(diskId, ids),
      ...(item.name === undefined ? {} : { label: item.name }),
      ...describeImage(disk, files, file),
      bus,
    }
  })
  const unused = [...declared.keys()].filter((id) => !used.has(id))
  const leftOut = unused.map((id) => `disk ${JSON.stringify(id)} hangs on no machine and is left out`)
  return { disks, warnings: [...warnings, ...leftOut] }
}

function inBootOrder({ system, items, file }: OvfParts) {
  const slotOf = slots(items, file)
  // VMware: <vmw:BootOrderSection vmw:instanceId="8" vmw:type="disk">
  const boots = childrenNamed(system, 'BootOrderSection').map(({ attributes }) => attributes.instanceId)
  const rank = ({ instance }: HardwareItem) => {
    const index = instance === undefined ? -1 : boots.indexOf(instance)
    return index === -1 ? boots.length : index
  }
  return items
    .filter(isDisk)
    .map((item) => ({ item, slot: slotOf(item) }))
    .toSorted((a, b) => rank(a.item) - rank(b.item) || compareSlots(a.slot, b.slot))
    .map(({ item, slot }) => ({ item, bus: slot.bus }))
}

function declaredDisks({ envelope, file }: OvfParts): ReadonlyMap<string, XmlElement> {
  const disks = new Map<string, XmlElement>()
  for (const disk of ofKind(envelope, 'DiskSection').flatMap((section) => childrenNamed(section, 'Disk'))) {
    const id = disk.attributes.diskId
    const at = { file, line: disk.line }
    if (!id) throw problem('OVF_INVALID', `${file}: a Disk without a diskId`, { at })
    if (disks.has(id)) throw problem('OVF_INVALID', `${file}: two Disks have the diskId ${JSON.stringify(id)}`, { at })
    disks.set(id, disk)
  }
  return disks
}

/** `ovf:/disk/ID` (OVF 1), `/disk/ID` (VirtualBox), `disk/ID` (0.9), `ovf://disk/ID`. */
function diskIdOf(item: HardwareItem, file: string): string {
  const id = /^(?:ovf:)?\/{0,2}disk\/(.+)$/.exec(item.hostResource ?? '')?.[1]
  if (id !== undefined) return id
  const what = `${file}: the disk ${JSON.stringify(item.name ?? item.instance ?? '')}`
  throw problem(
    'OVF_UNSUPPORTED',
    `${what} is not in the export: its HostResource is ${JSON.stringify(item.hostResource ?? '')}`,
    {
      hint: 'attach a virtual disk instead of a raw device and export again, or remove its Item',
      at: { file, line: item.line },
    },
  )
}

/** A diskId as a name for files: unique also where a file system ignores case, and never like an option. */
function uniqueId(diskId: string, taken: Set<string>): string {
  const plain =
    diskId
      .replace(/[^a-zA-Z0-9_-]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 64) || 'disk'
  let id = plain
  for (let count = 2; taken.has(id.toLowerCase()); count += 1) id = `${plain}-${count}`
  taken.add(id.toLowerCase())
  return id
}
