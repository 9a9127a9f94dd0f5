import { readSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { writeAt } from './write-at.ts'

/** Their file, beside the partial one. */
export const sizesOf = (partial: string) => `${partial}.sizes`
const sizeBytes = 4

/**
 * How many bytes each grain of a compressed copy takes, in the order of the guest's disk, as 32 bits each: where a grain
 * lies follows from those before it. Beside the partial file.
 */
export interface GrainSizes {
  /** The sizes of the next `count` grains that an earlier run wrote down. */
  next(count: number): Uint32Array
  /** Kept in memory until the next flush. */
  add(sizes: Uint32Array): void
  /** Puts on the disk what was added until now. @returns how many sizes lie there then */
  flush(): Promise<number>
  close(): Promise<void>
}

/** Says whether so many sizes were written down beside a partial file. */
export async function holdsSizes(partial: string, grains: number): Promise<boolean> {
  try {
    return (await stat(sizesOf(partial))).size >= grains * sizeBytes
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Goes on behind the first `grains` sizes of an earlier run: 0 for a copy that begins. */
export async function openSizes(partial: string, grains: number): Promise<GrainSizes> {
  const path = sizesOf(partial)
  const file = await open(path, grains === 0 ? 'w+' : 'r+')
  await file.truncate(grains * sizeBytes)
  let [read, written] = [0, grains]
  let pending: Uint32Array[] = []
  return {
    next(count) {
      const sizes = new Uint32Array(count)
      if (readSync(file.fd, sizes, 0, count * sizeBytes, read * sizeBytes) !== count * sizeBytes)
        throw new Error(`${path} has no sizes of the grains from ${read} on`)
      read += count
      return sizes
    },
    add: (sizes) => pending.push(sizes),
    async flush() {
      for (const { buffer, byteOffset, byteLength, length } of pending) {
        writeAt(file.fd, Buffer.from(buffer, byteOffset, byteLength), written * sizeBytes)
        written += length
      }
      pending = []
      await file.datasync()
      return written
    },
    close: () => file.close(),
  }
}
