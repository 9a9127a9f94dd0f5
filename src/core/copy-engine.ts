import type { ImageFormat } from './image.ts'
import type { Conversion, OutputFormat } from './machine.ts'

/** Who copies a disk, and where it is qemu-img, why. Of a `small` disk h2k starts no threads. */
export type CopyEngine =
  | { readonly by: 'h2k'; readonly small?: true }
  | { readonly by: 'qemu-img'; readonly because: string }

export interface CopyFacts {
  readonly from: ImageFormat
  /** As the header reader names it, such as `streamOptimized`; unknown before the image was looked at. */
  readonly variant?: string
  readonly to: OutputFormat
  readonly dataBytes: number
  /** It is copied while it arrives: nobody else can. */
  readonly arrives?: boolean
}

/** Starting threads takes as long as qemu-img needs for so much. */
const fewBytes = 32 * 2 ** 20

/** To copy so much takes no longer than starting anything. */
const hardlyAnyBytes = 4 * 2 ** 20

/**
 * h2k's own reader is for images whose grains qemu-img inflates, and whose clusters it compresses, one after the other.
 * Its writers know raw and qcow2. A level of compression is nothing that qemu-img could be told.
 */
export function copyEngine({ from, variant, to, dataBytes, arrives }: CopyFacts, conversion: Conversion): CopyEngine {
  if (arrives) return { by: 'h2k' }
  const because = (reason: string): CopyEngine => ({ by: 'qemu-img', because: reason })
  if (conversion.preallocation !== 'off') return because('preallocates')
  if (conversion.direct) return because('copies past the memory')
  if (to === 'vdi') return because('writes vdi')
  if (conversion.compressionLevel !== undefined) return { by: 'h2k' }
  const sparse = from === 'vmdk' && (variant === 'streamOptimized' || variant === 'monolithicSparse')
  const plain =
    (conversion.compression !== undefined || conversion.skip !== undefined) && (from === 'raw' || from === 'qcow2')
  if (!sparse && !plain) return because(`reads ${from}${variant === undefined ? '' : ` ${variant}`}`)
  if (conversion.skip) return { by: 'h2k' }
  // In a raw target the holes are hashed too, however many there are.
  if (dataBytes <= hardlyAnyBytes && to === 'qcow2' && !conversion.compression) return { by: 'h2k', small: true }
  if (dataBytes < fewBytes) return because('a small disk')
  return { by: 'h2k' }
}
