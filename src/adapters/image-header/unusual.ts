import { type ImageKind, type Unusual, usualGrainBytes } from '../../core/image.ts'

/** What of an image is not usual, for its header; nothing where all is. */
export function unusual(grainBytes: number, unread: string | undefined): Pick<ImageKind, 'unusual'> {
  const found: Unusual = {
    ...(grainBytes === usualGrainBytes ? {} : { grainBytes }),
    ...(unread === undefined ? {} : { unread }),
  }
  return Object.keys(found).length === 0 ? {} : { unusual: found }
}
