import { type ImageFormat, type ImageKind, usualGrainBytes } from './image.ts'
import type { Conversion, OutputFormat } from './machine.ts'
import { formatBytes } from './units.ts'

/** Who copies a disk, and where qemu-img has a part in it, why. Of a `small` disk h2k starts no threads. */
export type CopyEngine =
  | {
      readonly by: 'h2k'
      readonly small?: true
      /** Why qemu-img makes it raw first. */
      readonly rawFirst?: string
    }
  | { readonly by: 'qemu-img'; readonly because: string }

export interface CopyFacts extends Partial<ImageKind> {
  readonly from: ImageFormat
  readonly to: OutputFormat
  readonly dataBytes: number
  /** It is read through the overlay of its repair. */
  readonly repaired?: boolean
  /** It is copied while it arrives: nobody else can. */
  readonly arrives?: boolean
}

/** Larger grains would need much memory. */
export const largestGrainBytes = 2 ** 21

/** Starting threads takes as long as qemu-img needs for so much. */
const fewBytes = 32 * 2 ** 20

/** To copy so much takes no longer than starting anything. */
const hardlyAnyBytes = 4 * 2 ** 20

const names: Readonly<Record<ImageFormat, string>> = {
  vmdk: 'VMDK',
  qcow2: 'qcow2',
  raw: 'raw image',
  vhd: 'VHD',
  vhdx: 'VHDX',
  vdi: 'VDI',
}

/**
 * h2k's own reader is for images whose grains qemu-img inflates, and whose clusters it compresses, one after the other.
 * Its writers know raw and qcow2. A level of compression is nothing that qemu-img could be told.
 * An image of which nothing but its format is known yet is taken for one that h2k reads, where there are such.
 */
export function copyEngine(facts: CopyFacts, conversion: Conversion): CopyEngine {
  const { from, to, dataBytes } = facts
  if (facts.arrives) return { by: 'h2k' }
  const because = (reason: string): CopyEngine => ({ by: 'qemu-img', because: reason })
  const only = targetOfQemu(to, conversion)
  if (only !== undefined) return because(only)
  const unread = unreadable(facts)
  if (conversion.compressionLevel !== undefined) {
    return unread === undefined ? { by: 'h2k' } : { by: 'h2k', rawFirst: unread }
  }
  if (unread !== undefined) return because(unread)
  if (conversion.skip) return { by: 'h2k' }
  if (from !== 'vmdk' && !conversion.compression) return because(`a plain copy of a ${names[from]}`)
  // In a raw target the holes are hashed too, however many there are.
  if (dataBytes <= hardlyAnyBytes && to === 'qcow2' && !conversion.compression) return { by: 'h2k', small: true }
  if (dataBytes < fewBytes) return because('a small disk')
  return { by: 'h2k' }
}

/** What only qemu-img writes; undefined for what h2k writes, too. */
export function targetOfQemu(
  to: OutputFormat,
  { preallocation, direct }: Pick<Conversion, 'preallocation' | 'direct'>,
): string | undefined {
  if (preallocation !== 'off') return 'a preallocated target'
  if (direct) return 'direct_io'
  return to === 'vdi' ? 'a VDI as the target' : undefined
}

/** What h2k's own copier does not read of an image, or not into such a target. */
function unreadable({ from, variant, unusual, to, repaired }: CopyFacts): string | undefined {
  const name = names[from]
  if (from === 'raw') return undefined
  const sparse = variant === undefined || variant === 'streamOptimized' || variant === 'monolithicSparse'
  if (from !== 'qcow2' && !(from === 'vmdk' && sparse)) return `a ${variant === undefined ? '' : `${variant} `}${name}`
  if (unusual?.unread !== undefined) return `a ${name} with ${unusual.unread}`
  const grainBytes = unusual?.grainBytes ?? usualGrainBytes
  // Clusters of the target, and of an overlay, take one grain each.
  const fits = grainBytes === usualGrainBytes || (to === 'raw' && !repaired && grainBytes <= largestGrainBytes)
  return fits ? undefined : `a ${name} with ${from === 'qcow2' ? 'clusters' : 'grains'} of ${formatBytes(grainBytes)}`
}
