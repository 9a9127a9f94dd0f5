import type { Inspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import { type Appliance, CallError } from '../appliance.ts'
import type { Devices } from '../devices.ts'

// GPT's type of an EFI system partition, and MBR's.
const espType = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
const espId = 0xef

/** What the disks can boot by: code in the first sector, an EFI system partition. */
export async function readBoots({ call }: Appliance, { disks }: Devices): Promise<Inspection['boots']> {
  let [bios, uefi] = [false, false]
  for (const disk of disks) {
    const sector = await call<Uint8Array>('pread_device', [disk, 512, 0])
    // Boot code begins with a jump, or with what clears a register; an empty or protective sector has none.
    bios ||= sector.subarray(0, 440).some((byte) => byte !== 0) && sector[510] === 0x55 && sector[511] === 0xaa
    uefi ||= await hasEsp(call, disk)
  }
  return { bios, uefi }
}

async function hasEsp(call: Appliance['call'], disk: string): Promise<boolean> {
  try {
    const table = await call<string>('part_get_parttype', [disk])
    const parts = await call<{ part_num: number }[]>('part_list', [disk])
    for (const { part_num: number } of parts) {
      if (table === 'gpt' && (await call<string>('part_get_gpt_type', [disk, number])).toUpperCase() === espType)
        return true
      if (table === 'msdos' && (await call<number>('part_get_mbr_id', [disk, number])) === espId) return true
    }
    return false
  } catch (error) {
    // A disk without a partition table.
    if (error instanceof CallError) return false
    throw error
  }
}

/** The boot loader of a Linux, by its configuration. */
export async function bootLoaderOf(tree: GuestTree): Promise<Inspection['bootLoader']> {
  const exists = async (pattern: string) => (await tree.glob(pattern)).length > 0
  for (const folder of ['/boot/grub', '/boot/grub2']) if (await exists(`${folder}/grub.cfg`)) return 'grub2'
  for (const path of ['/boot/efi/EFI/*/grub.cfg', '/efi/EFI/*/grub.cfg']) if (await exists(path)) return 'grub2'
  for (const path of ['/boot/loader', '/boot/efi/loader', '/efi/loader']) {
    if (await exists(`${path}/loader.conf`)) return 'systemd-boot'
  }
  if ((await exists('/boot/grub/menu.lst')) || (await exists('/boot/grub/grub.conf'))) return 'grub-legacy'
  for (const path of [
    '/boot/extlinux.conf',
    '/boot/extlinux/extlinux.conf',
    '/boot/syslinux/syslinux.cfg',
    '/extlinux.conf',
  ]) {
    if (await exists(path)) return 'extlinux'
  }
  return 'unknown'
}
