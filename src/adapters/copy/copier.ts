import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { largestGrainBytes } from '../../core/copy-engine.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import type { FlushPace } from '../../core/flush-behind.ts'
import type { FileIdentity, ImageLocation } from '../../core/image.ts'
import type { SparseLayout } from '../../core/sparse-layout.ts'
import type { Work } from '../../ports/work.ts'
import { copyImage, copyThreads } from './copy-image.ts'
import { copyProblems, type Unwritable } from './copy-problems.ts'
import { guestReader } from './guest-reader.ts'
import type { Compression } from './messages.ts'
import { qcow2Grains } from './qcow2-grains.ts'
import { clusterBytes } from './qcow2-layout.ts'
import { rawGrains } from './raw-grains.ts'
import type { GrainSource } from './source.ts'
import { common } from './swap/extents.ts'
import { findSwap } from './swap/find-swap.ts'
import { vmdkGrains } from './vmdk-grains.ts'
import { dataWithin, type Extent, without } from './without.ts'

/** An image that is open, as h2k's own reader of headers hands it over. */
export interface OpenImage {
  readonly name: string
  readonly lengthBytes: number
  readonly fd: number
  readonly offsetBytes: number
  /** Of a VMDK that is one sparse file. */
  readonly sparse?: SparseLayout
  read(offset: number, length: number, what: string): Promise<Buffer>
}

/** What the copier takes from its neighbours. */
export interface CopierParts {
  open<Result>(image: ImageLocation, signal: AbortSignal, use: (image: OpenImage) => Promise<Result>): Promise<Result>
  partialName(path: string): string
  complete(partial: string, path: string): Promise<FileIdentity>
  sha256(path: string, signal: AbortSignal): Promise<string>
  readonly unwritable: Unwritable
  readonly pace?: FlushPace
}

export interface CopierSource {
  readonly image: ImageLocation
  /** What `image`, a qcow2 file, lies over. */
  readonly backing?: ImageLocation
}

export interface CopierTarget {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  readonly compression?: Compression
  /** What the guest swapped out stays behind. */
  readonly skipSwap?: boolean
  /** There is so little to copy that no thread is started for it. */
  readonly small?: boolean
  /** What else the result depends on; a stopped copy with the same key is gone on with. */
  readonly key: string
}

export interface CopierWork extends Pick<Work, 'signal' | 'progress'> {
  /** Waited for before a copy gets its name. */
  confirm(): Promise<void>
}

/**
 * Copies images, on several threads unless small.
 * @returns undefined for those that `copyEngine` would not have given it, before it wrote anything
 * @throws ProblemError IMAGE_CORRUPT with the offset; SOURCE_UNREADABLE; SPACE_SHORT, OUTPUT_UNWRITABLE, TOOL_FAILED for the target
 */
export function imageCopier({ open, partialName, complete, unwritable, ...parts }: CopierParts) {
  return (from: CopierSource, to: CopierTarget, { signal, progress, confirm }: CopierWork) =>
    withGrains(open, from, signal, async (source) => {
      if (!source || (to.format === 'qcow2' && source.grainBytes !== clusterBytes)) return undefined
      const { path, skipSwap, small, ...rest } = to
      const threads = small ? 0 : copyThreads()
      const partial = partialName(path)
      const swap = skipSwap ? await swapOf(open, from, source, signal) : []
      // Another h2k may find other swap.
      const key = swap.length > 0 ? fingerprint([to.key, swap]) : to.key
      const problems = copyProblems(source.name, path, unwritable)
      const copying = async () => {
        await mkdir(dirname(path), { recursive: true })
        return await copyImage(without(source, swap), {
          ...{ ...parts, ...rest, key, partial, threads, signal, progress, problems },
          async complete() {
            await confirm()
            return await complete(partial, path)
          },
        })
      }
      const made = await copying().catch((error: unknown) => {
        throw problems.explained(error)
      })
      const skipped = skipSwap ? { skippedBytes: await dataWithin(source, swap) } : {}
      return { ...made, ...skipped, engine: small ? 'h2k' : `h2k, ${threads} threads` }
    })
}

/** Of a disk that was repaired, only what was swap before that, too: a repair may clear the log that tells of an NTFS whether it is sound. */
async function swapOf(
  open: CopierParts['open'],
  { backing }: CopierSource,
  source: GrainSource,
  signal: AbortSignal,
): Promise<readonly Extent[]> {
  const found = await findSwap(source, guestReader(source))
  if (!backing) return found
  return withGrains(open, { image: backing }, signal, async (under) =>
    under ? common(found, await findSwap(under, guestReader(under))) : [],
  )
}

/**
 * How many bytes a copy without swap leaves out, at most; undefined for images that are left to others.
 * @throws ProblemError as `findSwap`
 */
export function swapMeter({ open }: Pick<CopierParts, 'open'>) {
  return (image: ImageLocation, signal: AbortSignal): Promise<number | undefined> =>
    withGrains(
      open,
      { image },
      signal,
      async (source) => source && dataWithin(source, await findSwap(source, guestReader(source))),
    )
}

function withGrains<Result>(
  open: CopierParts['open'],
  { image, backing }: CopierSource,
  signal: AbortSignal,
  use: (source: GrainSource | undefined) => Promise<Result>,
): Promise<Result> {
  return open(image, signal, async (opened) => {
    if (!backing) return use(await grainsOf(image, opened))
    return withGrains(open, { image: backing }, signal, async (under) =>
      use(under && (await qcow2Grains(opened, under))),
    )
  })
}

async function grainsOf({ format }: ImageLocation, opened: OpenImage): Promise<GrainSource | undefined> {
  const { sparse } = opened
  if (format === 'raw') return rawGrains(opened)
  if (format === 'qcow2') return qcow2Grains(opened)
  if (!sparse || (sparse.compressed && !sparse.markers) || sparse.grainBytes > largestGrainBytes) return undefined
  return vmdkGrains({ ...opened, layout: sparse })
}
