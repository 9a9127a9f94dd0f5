import type { GuestTree } from '../../../../ports/guest-tree.ts'

/** A file of a boot loader, or one that such a file is made from. */
export interface LoaderFile {
  readonly path: string
  readonly kind: LoaderFileKind
  readonly content: string
}

export type LoaderFileKind = 'defaults' | 'menu' | 'entry' | 'environment' | 'command-line' | 'legacy' | 'extlinux'

// Debian and SUSE, RHEL, and where firmware of UEFI finds it; systemd-boot and RHEL's entries (the Boot Loader Specification).
const places: readonly (readonly [LoaderFileKind, string])[] = [
  ['defaults', '/etc/default/grub'],
  ['defaults', '/etc/default/grub.d/*.cfg'],
  ['menu', '/boot/grub/grub.cfg'],
  ['menu', '/boot/grub2/grub.cfg'],
  ['menu', '/boot/efi/EFI/*/grub.cfg'],
  ['environment', '/boot/grub/grubenv'],
  ['environment', '/boot/grub2/grubenv'],
  ['environment', '/boot/efi/EFI/*/grubenv'],
  ['entry', '/boot/loader/entries/*.conf'],
  ['entry', '/boot/efi/loader/entries/*.conf'],
  ['entry', '/efi/loader/entries/*.conf'],
  ['command-line', '/etc/kernel/cmdline'],
  ['legacy', '/boot/grub/menu.lst'],
  ['legacy', '/boot/grub/grub.conf'],
  ['extlinux', '/boot/extlinux.conf'],
  ['extlinux', '/boot/extlinux/extlinux.conf'],
  ['extlinux', '/boot/syslinux/syslinux.cfg'],
  ['defaults', '/etc/update-extlinux.conf'],
]

/** Each file once: links to them are left out. */
export async function loaderFiles(tree: GuestTree): Promise<readonly LoaderFile[]> {
  const found: LoaderFile[] = []
  for (const [kind, pattern] of places) {
    const paths = pattern.includes('*') ? await tree.glob(pattern) : [pattern]
    for (const path of paths) {
      if ((await tree.kind(path)) !== 'file') continue
      const content = await tree.read(path)
      if (content !== undefined) found.push({ path, kind, content })
    }
  }
  return found
}

// GRUB writes into the block's own sectors, so it has to keep its size.
const environmentBytes = 1024

/** The block of grubenv with another content; undefined when that does not fit. */
export function environmentBlock(content: string): string | undefined {
  const lines = content.replace(/#+$/, '')
  const bytes = new TextEncoder().encode(lines).length
  return bytes > environmentBytes ? undefined : lines + '#'.repeat(environmentBytes - bytes)
}
