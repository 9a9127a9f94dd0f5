import type { GuestFilesystem } from '../../core/inspection.ts'
import type { Appliance } from './appliance.ts'
import { listFilesystems } from './filesystems.ts'
import type { Keyring } from './keyring.ts'
import { type Encrypted, openEncrypted } from './luks.ts'
import { type Tags, tagReader } from './tags.ts'

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
  keyring: Keyring,
  names: ReadonlyMap<string, string>,
): Promise<Devices> {
  const { call } = appliance
  const disks = await call<string[]>('list_devices')
  const parts = await call<string[]>('list_partitions')
  const arrays = await call<string[]>('list_md_devices')
  const tagsOf = tagReader(appliance)
  const closed = await call<string[]>('lvs')
  const candidates = [...disks, ...parts, ...arrays, ...closed]
  const luks = await openEncrypted(appliance, await encryptedOf(candidates, tagsOf), keyring, names)
  const opened = luks.flatMap((one) => one.opened ?? [])
  if (opened.length > 0) await call('lvm_scan', [true])
  const volumes = opened.length > 0 ? await call<string[]>('lvs') : closed
  // In libguestfs' order: the first system that is found is the one that is repaired.
  const all = [...disks, ...opened, ...parts, ...arrays, ...volumes]
  const found = await listFilesystems(appliance, all, parts, tagsOf)
  const filesystems = await Promise.all(
    found.map(([mountable, type]) => describeFilesystem(appliance, mountable, type, tagsOf)),
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

async function encryptedOf(
  devices: readonly string[],
  tagsOf: (device: string) => Promise<Tags>,
): Promise<readonly string[]> {
  const tags = await Promise.all(devices.map(tagsOf))
  return devices.filter((_, index) => tags[index]?.TYPE === 'crypto_LUKS')
}
