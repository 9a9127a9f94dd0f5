import type { Appliance } from './appliance.ts'
import type { Tags } from './tags.ts'

// Dynamic disks of Windows, as GPT and as MBR have them: volumes lie across their partitions.
const dynamicDisks = ['5808c8aa-7e8f-42e0-85d2-e1e90434cfb3', 'af9b60a0-1431-4f62-bc68-3311714a69ad', '0x42']

/**
 * The file systems on these devices, by what libguestfs mounts, with their types, as its own list has them
 * (https://libguestfs.org/guestfs.3.html#guestfs_list_filesystems). That one starts several processes for each device, seconds
 * under emulation: it is asked only for what lies in a device in a way of its own, btrfs and dynamic disks.
 */
export async function listFilesystems(
  { call }: Appliance,
  devices: readonly string[],
  tagsOf: (device: string) => Promise<Tags>,
): Promise<readonly (readonly [mountable: string, type: string])[]> {
  const tags = await Promise.all(devices.map(tagsOf))
  const special = tags.some(
    ({ TYPE, PART_ENTRY_TYPE }) => TYPE === 'btrfs' || dynamicDisks.includes(PART_ENTRY_TYPE?.toLowerCase() ?? ''),
  )
  if (special) {
    const listed = Object.entries(await call<Record<string, string>>('list_filesystems'))
    return listed.filter(([, type]) => type !== 'unknown' && type !== '')
  }
  return devices.flatMap((device, index) => {
    const type = tags[index]?.TYPE
    const holdsDevices = type === undefined || type.endsWith('_member') || type === 'crypto_LUKS'
    return holdsDevices || isPartitioned(device, devices) ? [] : [[device, type] as const]
  })
}

/** A disk image that boots from a CD as well has both a file system and partitions: the partitions count. */
function isPartitioned(device: string, devices: readonly string[]): boolean {
  return devices.some((other) => other.startsWith(device) && /^p?\d+$/.test(other.slice(device.length)))
}
