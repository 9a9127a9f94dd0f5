import { statSync } from 'node:fs'
import type { ImageHeader, ImageLocation } from '../../core/image.ts'

export type ReadHeader = (image: ImageLocation, signal: AbortSignal) => Promise<ImageHeader>

/**
 * Reads the header of an image of one file once, as long as the file is what it was: by device, inode, length, and times
 * to the nanosecond, the last change of the inode among them, which nobody can set.
 * @param stillMilliseconds what is written soon after another change may leave the same times: so long a file has to have lain still
 */
export function rememberedHeaders(read: ReadHeader, stillMilliseconds = 2000): ReadHeader {
  const known = new Map<string, { readonly stamp: string; readonly header: ImageHeader }>()
  return async (image, signal) => {
    signal.throwIfAborted()
    const before = stampOf(image.path)
    const key = JSON.stringify([image.path, image.format, image.stretch])
    const found = known.get(key)
    if (found && found.stamp === before?.stamp) return found.header
    const settled = before !== undefined && Date.now() - before.changed > stillMilliseconds
    const header = await read(image, signal)
    if (settled && header.files.length === 1 && stampOf(image.path)?.stamp === before.stamp) {
      known.set(key, { stamp: before.stamp, header })
    }
    return header
  }
}

function stampOf(path: string): { readonly stamp: string; readonly changed: number } | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (!found?.isFile()) return undefined
  const { dev, ino, size, mtimeNs, ctimeNs } = found
  return { stamp: [dev, ino, size, mtimeNs, ctimeNs].join(), changed: Number(ctimeNs / 1_000_000n) }
}
