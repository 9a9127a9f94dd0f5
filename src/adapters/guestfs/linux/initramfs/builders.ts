import type { LinuxInspection } from '../../../../core/inspection.ts'
import type { Builder } from './builder.ts'
import { dracut } from './dracut.ts'
import { initramfsTools } from './initramfs-tools.ts'
import { mkinitcpio } from './mkinitcpio.ts'
import { mkinitfs } from './mkinitfs.ts'

/** The tools that make images, by what the inspection calls them. */
export const builders: Readonly<Record<Exclude<LinuxInspection['initramfsTool'], 'unknown'>, Builder>> = {
  'initramfs-tools': initramfsTools,
  dracut,
  mkinitcpio,
  mkinitfs,
}
