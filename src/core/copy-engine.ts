import type { ImageFormat } from './image.ts'
import type { Conversion, OutputFormat } from './machine.ts'

/** Who copies a disk, and where it is qemu-img, why. */
export type CopyEngine = { readonly by: 'h2k' } | { readonly by: 'qemu-img'; readonly because: string }

export interface CopyFacts {
  readonly from: ImageFormat
  /** As the header reader names it, such as `streamOptimized`; unknown before the image was looked at. */
  readonly variant?: string
  readonly to: OutputFormat
  readonly dataBytes: number
}

/** Starting threads takes as long as qemu-img needs for so much. */
const fewBytes = 32 * 2 ** 20

/** h2k's own reader is for the images whose grains qemu-img inflates one after the other; its writers know raw and qcow2. */
export function copyEngine({ from, variant, to, dataBytes }: CopyFacts, conversion: Conversion): CopyEngine {
  const because = (reason: string): CopyEngine => ({ by: 'qemu-img', because: reason })
  if (from !== 'vmdk' || (variant !== 'streamOptimized' && variant !== 'monolithicSparse')) {
    return because(`reads ${from}${from === 'vmdk' && variant !== undefined ? ` ${variant}` : ''}`)
  }
  if (conversion.compression !== undefined) return because(`compresses with ${conversion.compression}`)
  if (conversion.preallocation !== 'off') return because('preallocates')
  if (to === 'vdi') return because('writes vdi')
  if (dataBytes < fewBytes) return because('a small disk')
  return { by: 'h2k' }
}
