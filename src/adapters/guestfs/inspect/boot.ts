import type { Inspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import type { Appliance } from '../appliance.ts'
import type { Devices } from '../devices.ts'

// GPT's type of an EFI system partition, and MBR's.
const espType = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b'
const espId = '0xef'

/** What the disks can boot by: code in the first sector, an EFI system partition. */
export async function readBoots({ call }: Appliance, { disks, partitions }: Devices): Promise<Inspection['boots']> {
  const sectors = await Promise.all(disks.map((disk) => call<Uint8Array>('pread_device', [disk, 512, 0])))
  return {
    // A protective MBR, and one on a disk that only holds data, has no code.
    bios: sectors.some((sector) => {
      return sector.subarray(0, 440).some((byte) => byte !== 0) && sector[510] === 0x55 && sector[511] === 0xaa
    }),
    uefi: partitions.some(({ type }) => type === espType || type === espId),
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
