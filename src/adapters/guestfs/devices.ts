import type { GuestFilesystem } from '../../core/inspection.ts'
import type { LuksKey } from '../../core/machine.ts'
import { type Appliance, unlessRefused } from './appliance.ts'
import { type Encrypted, openEncrypted } from './luks.ts'

/** What is on a guest's disks, before anything is mounted. */
export interface Devices {
  /** In the order of the machine's disks: `/dev/sda` is its first. */
  readonly disks: readonly string[]
  /** A subvolume of btrfs has an entry of its own, with its device. */
  readonly filesystems: readonly Filesystem[]
  readonly luks: readonly Encrypted[]
  readonly layers: readonly ('lvm' | 'luks' | 'md' | 'btrfs-subvolumes')[]
  readonly partitions: readonly Partition[]
}

export interface Filesystem extends Omit<GuestFilesystem, 'mountpoint'> {
  /** What libguestfs mounts: the device, or `btrfsvol:DEVICE/SUBVOLUME`. */
  readonly mountable: string
}

export interface Partition {
  readonly device: string
  readonly uuid?: string
  readonly label?: string
  /** Of GPT a UUID, of MBR a number such as `0x83`; lower case. */
  readonly type?: string
}

/** Looks at all disks, opens what a key fits, under the name that `names` has for it, and looks again. */
export async function readDevices(
  appliance: Appliance,
  keys: readonly LuksKey[],
  names: ReadonlyMap<string, string>,
): Promise<Devices> {
  const { call } = appliance
  const disks = await call<string[]>('list_devices')
  const closed = await call<Record<string, string>>('list_filesystems')
  const parts = await call<string[]>('list_partitions')
  const arrays = await call<string[]>('list_md_devices')
  const tagsOf = tagReader(appliance)
  // What is encrypted is no file system to libguestfs: it lies among the devices that are none.
  const candidates = [...disks, ...parts, ...arrays, ...(await call<string[]>('lvs'))]
  const luks = await openEncrypted(appliance, await encryptedOf(candidates, closed, tagsOf), keys, names)
  const anyOpened = luks.some(({ opened }) => opened !== undefined)
  if (anyOpened) await call('lvm_scan', [true])
  const found = anyOpened ? await call<Record<string, string>>('list_filesystems') : closed
  const volumes = await call<string[]>('lvs')
  const filesystems = await Promise.all(
    Object.entries(found)
      .filter(([, type]) => type !== 'unknown' && type !== '')
      .map(([mountable, type]) => describeFilesystem(appliance, mountable, type, tagsOf)),
  )
  return {
    disks,
    filesystems,
    luks,
    layers: [
      ...(volumes.length > 0 ? ['lvm' as const] : []),
      ...(luks.length > 0 ? ['luks' as const] : []),
      ...(arrays.length > 0 ? ['md' as const] : []),
      ...(filesystems.some(({ subvolume }) => subvolume !== undefined) ? ['btrfs-subvolumes' as const] : []),
    ],
    partitions: await Promise.all(parts.map((device) => describePartition(device, tagsOf))),
  }
}

async function describeFilesystem(
  appliance: Appliance,
  mountable: string,
  type: string,
  tagsOf: (device: string) => Promise<Tags>,
): Promise<Filesystem> {
  const isSubvolume = mountable.startsWith('btrfsvol:')
  const device = isSubvolume ? await appliance.call<string>('mountable_device', [mountable]) : mountable
  const subvolume = isSubvolume ? await appliance.call<string>('mountable_subvolume', [mountable]) : undefined
  const { UUID: uuid, LABEL: label } = await tagsOf(device)
  return {
    mountable,
    device,
    type,
    ...(uuid ? { uuid } : {}),
    ...(label ? { label } : {}),
    ...(subvolume === undefined ? {} : { subvolume }),
  }
}

async function describePartition(device: string, tagsOf: (device: string) => Promise<Tags>): Promise<Partition> {
  const { PART_ENTRY_UUID: uuid, PART_ENTRY_NAME: label, PART_ENTRY_TYPE: type } = await tagsOf(device)
  return {
    device,
    ...(uuid ? { uuid: uuid.toLowerCase() } : {}),
    ...(label ? { label } : {}),
    ...(type ? { type: type.toLowerCase() } : {}),
  }
}

/** What blkid(8) says of a device, by the names that it uses. Each device is looked at once: it costs a process. */
type Tags = Readonly<Record<string, string>>

function tagReader({ call }: Appliance): (device: string) => Promise<Tags> {
  const known = new Map<string, Promise<Tags>>()
  const read = async (device: string): Promise<Tags> => {
    // A device without a file system has none.
    const tags = (await unlessRefused(call<Record<string, string>>('blkid', [device]))) ?? {}
    // blkid writes them for a shell.
    return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.replace(/\\(.)/g, '$1')]))
  }
  return (device) => {
    const tags = known.get(device) ?? read(device)
    known.set(device, tags)
    return tags
  }
}

async function encryptedOf(
  devices: readonly string[],
  filesystems: Readonly<Record<string, string>>,
  tagsOf: (device: string) => Promise<Tags>,
): Promise<readonly string[]> {
  const others = devices.filter((device) => [undefined, '', 'unknown', 'crypto_LUKS'].includes(filesystems[device]))
  const tags = await Promise.all(others.map(tagsOf))
  return others.filter((_, index) => tags[index]?.TYPE === 'crypto_LUKS')
}
