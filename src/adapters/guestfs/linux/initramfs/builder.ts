import type { GuestKernel, VirtioModule } from '../../../../core/inspection.ts'
import type { GuestTree } from '../../../../ports/guest-tree.ts'
import type { Edit, Guest } from '../repair.ts'

/** A kernel with its image. */
export interface Booted extends GuestKernel {
  readonly initramfs: NonNullable<GuestKernel['initramfs']>
}

/** A distribution's own tool that makes the image of an initramfs. */
export interface Builder {
  /** What tells it, now and at the next kernel, to put the drivers in. */
  configure(guest: Guest, modules: readonly VirtioModule[]): Promise<readonly Edit[]>
  build(guest: Guest, kernel: Booted): Promise<void>
  /** How many times larger than the old one the new image may be. */
  growth(tree: GuestTree): Promise<number>
}
