import type { ImageHeader } from '../../core/image.ts'

/** What the reader of one format finds. */
export interface Found extends Pick<ImageHeader, 'variant' | 'unusual' | 'virtualBytes' | 'allocatedBytes'> {
  /** Files besides the one that was named, absolute. */
  readonly furtherFiles?: readonly string[]
}
