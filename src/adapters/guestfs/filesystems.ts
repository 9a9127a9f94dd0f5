import type { Appliance } from './appliance.ts'
import type { Tags } from './tags.ts'

// Dynamic disks of Windows, as GPT and as MBR have them: volumes lie across their partitions.
const dynamicDisks = ['5808c8aa-7e8f-42e0-85d2-e1e90434cfb3', 'af9b60a0-1431-4f62-bc68-3311714a69ad', '0x42']
// Microsoft Reserved, Windows Snapshot, and MBR's extended partitions: what their first bytes look like says nothing.
const withoutFilesystem = [
  ...['e3c9e316-0b5c-4db8-817d-f92df00215ae', 'caddebf1-4400-4de8-b103-12117dcf3ccf'],
  ...['0x5', '0xf', '0x85'],
]

/**
 * The file systems on these devices, in their order, by what libguestfs mounts, with their types, as its own list has them
 * (https://libguestfs.org/guestfs.3.html#guestfs_list_filesystems). That one starts several processes for each device, seconds
 * under emulation: it is asked only for what lies in a device in a way of its own, btrfs and dynamic disks.
 * @param partitions those of the devices that are partitions
 */
export async function listFilesystems(
  { call }: Appliance,
  devices: readonly string[],
  partitions: readonly string[],
  tagsOf: (device: string) => Promise<Tags>,
): Promise<readonly (readonly [mountable: string, type: string])[]> {
  const tags = await Promise.all(devices.map(tagsOf))
  if (tags.some((one) => one.TYPE === 'btrfs' || dynamicDisks.includes(partitionType(one)))) {
    const listed = Object.entries(await call<Record<string, string>>('list_filesystems'))
    return listed.filter(([, type]) => type !== 'unknown' && type !== '')
  }
  return devices.flatMap((device, index) => {
    const found = tags[index] ?? {}
    const none = withoutFilesystem.includes(partitionType(found)) || isPartitioned(device, partitions)
    return found.TYPE === undefined || holdsDevices(found.TYPE) || none ? [] : [[device, found.TYPE] as const]
  })
}

function partitionType({ PART_ENTRY_TYPE: type }: Tags): string {
  return type?.toLowerCase() ?? ''
}

/** Parts of a volume group or an array, and what is encrypted. */
function holdsDevices(type: string): boolean {
  return type.endsWith('_member') || type === 'crypto_LUKS' || type === 'BitLocker'
}

/** What boots from a CD as well has both a file system and partitions: the partitions count. */
function isPartitioned(device: string, partitions: readonly string[]): boolean {
  const number = /\d$/.test(device) ? /^p\d+$/ : /^\d+$/
  return partitions.some((other) => other.startsWith(device) && number.test(other.slice(device.length)))
}
