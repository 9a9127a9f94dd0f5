import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { imageCopier } from '../../../src/adapters/copy/copier.ts'
import type { Compression } from '../../../src/adapters/copy/messages.ts'
import { findSwap } from '../../../src/adapters/copy/swap/find-swap.ts'
import type { Extent } from '../../../src/adapters/copy/without.ts'
import { sha256 } from '../../../src/adapters/files/digest.ts'
import { unwritable } from '../../../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../../../src/adapters/files/write-whole.ts'
import { readImageHeader, withOpenImage } from '../../../src/adapters/image-header.ts'
import type { ImageLocation } from '../../../src/core/image.ts'
import { qemuImg } from '../../support/machines.ts'

export const mib = 2 ** 20
const never = new AbortController().signal

export interface Copied {
  readonly path: string
  /** As the copier tells it. */
  readonly sha256: string
  readonly skippedBytes?: number
  readonly progress: readonly number[]
}

export interface CopyOptions {
  readonly compression?: Compression
  readonly key?: string
  readonly signal?: AbortSignal
  readonly backing?: ImageLocation
  readonly skipSwap?: boolean
  readonly small?: boolean
  /** Seconds; 0 without it: as often as possible. */
  readonly betweenCheckpoints?: number
  /** Instead of the descriptor of the image, that threads read it by. */
  readonly readBy?: number
  /** Called with the bytes that are copied. */
  readonly progressing?: (bytes: number) => void
  /** Called before the file would get its final name. */
  readonly completing?: () => void
}

/** Copies an image as h2k does: its header is looked at before. */
export async function copied(
  image: string | ImageLocation,
  path: string,
  format: 'raw' | 'qcow2',
  options: CopyOptions = {},
): Promise<Copied> {
  const { compression, key = 'test', signal = never, backing, completing, skipSwap = false, small = false } = options
  const location = typeof image === 'string' ? { path: image, format: 'vmdk' as const } : image
  const progress: number[] = []
  await readImageHeader(backing ?? location, never)
  const copy = imageCopier({
    open: (image, signal, use) =>
      withOpenImage(image, signal, (opened) => use({ ...opened, fd: options.readBy ?? opened.fd })),
    partialName,
    sha256,
    unwritable,
    complete: (partial) => {
      completing?.()
      return completeFile(partial, path)
    },
    pace: { seconds: options.betweenCheckpoints ?? 0, times: 0 },
  })
  const made = await copy(
    { image: location, ...(backing ? { backing } : {}) },
    { path, format, key, skipSwap, small, ...(compression ? { compression } : {}) },
    {
      signal,
      progress(bytes) {
        progress.push(bytes)
        options.progressing?.(bytes)
      },
      confirm: async () => {},
    },
  )
  if (!made) throw new Error('left to others')
  const skipped = 'skippedBytes' in made ? { skippedBytes: made.skippedBytes } : {}
  return { path, sha256: made.sha256, progress, ...skipped }
}

/** What `findSwap` finds on a disk that is in memory. */
export function swapOn(disk: Buffer): Promise<readonly Extent[]> {
  return findSwap({ name: 'disk', capacityBytes: disk.length }, async (wanted) =>
    wanted.map(({ start, end }) => {
      const bytes = Buffer.alloc(end - start)
      disk.copy(bytes, 0, Math.min(start, disk.length), Math.min(end, disk.length))
      return bytes
    }),
  )
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** What qemu says of two images. */
export function compare(vmdk: string, path: string, format: string): string {
  return qemuImg('compare', '-f', 'vmdk', '-F', format, vmdk, path)
}

/** A disk with text, noise, zeros that are written, and holes, each in stretches that do not end with a grain. */
export function mixedDisk(bytes: number): Buffer {
  const disk = Buffer.alloc(bytes)
  const text = Buffer.from('the quick brown fox jumps over the lazy dog, ')
  for (let [at, count] = [0, 0]; at + 300_000 < bytes; at += 3 * mib + 4096, count++) {
    // Some long enough to be written past the memory.
    disk.fill(text, at, Math.min(bytes, at + (count % 2 === 0 ? 300_000 : 1_700_000)))
    for (let byte = at + 100_000; byte < at + 150_000; byte++) disk[byte] = (byte * 2654435761) >>> 13
  }
  disk.fill(7, bytes - 700)
  return disk
}
