import { setTimeout as sleep } from 'node:timers/promises'
import { algorithmOf, refuseOtherDigest } from '../../core/claimed-digest.ts'
import type { ImageLocation } from '../../core/image.ts'
import { ProblemError, problemsOf } from '../../core/problem.ts'
import type { DiskToCopy } from '../../ports/disks.ts'
import type { Work } from '../../ports/work.ts'

/** Hashes an image as far as it is allowed to, a share from 0 to 1. */
export type StartDigest = (
  image: ImageLocation,
  algorithm: string,
  signal: AbortSignal,
) => { allow(share: number): void; readonly hex: Promise<string> }

/** What a copy is told. */
export interface CopyWork extends Pick<Work, 'signal' | 'progress'> {
  /** Waited for before a copy gets its name. @throws ProblemError CHECKSUM_DIFFERS */
  confirm(): Promise<void>
}

/** So long a copy that stumbled over damage waits for the verdict of the digest. */
const verdictMilliseconds = 10_000

/**
 * Copies a disk, and compares its source with the digest that is claimed for it, if any, in the same reading: it is hashed as far
 * as the copy has come and a little ahead, so that what one has read is still in memory for the other.
 */
export async function withClaim<Result>(
  { image, backing = image, claimed }: Pick<DiskToCopy, 'image' | 'backing' | 'claimed'>,
  dataBytes: number,
  startDigest: StartDigest,
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
  copy: (work: CopyWork) => Promise<Result>,
): Promise<Result> {
  if (claimed === undefined) return await copy({ signal, progress, confirm: async () => {} })
  const stop = new AbortController()
  const algorithm = algorithmOf(claimed)
  const { allow, hex } = startDigest(backing, algorithm, AbortSignal.any([signal, stop.signal]))
  // Its error is for who waits for it; a copy that fails by itself does not.
  hex.catch(() => undefined)
  allow(0)
  let confirmed = false
  const confirm = async () => {
    allow(1)
    refuseOtherDigest(backing, claimed, `${algorithm}:${await hex}`)
    confirmed = true
  }
  const copied = (bytes: number) => {
    progress(bytes)
    allow(dataBytes > 0 ? bytes / dataBytes : 1)
  }
  try {
    const result = await copy({ signal, progress: copied, confirm })
    if (!confirmed) throw new Error(`${backing.path} was copied, and not compared with its digest`)
    return result
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems?.some(({ code }) => code === 'IMAGE_CORRUPT' || code === 'TOOL_FAILED')) throw error
    // Whether it was damaged on its way says more than what the damage did.
    const verdict = confirm().catch((first: unknown) => {
      throw new ProblemError([...(problemsOf(first) ?? []), ...problems])
    })
    await Promise.race([verdict, sleep(verdictMilliseconds, undefined, { signal: stop.signal, ref: false })])
    throw error
  } finally {
    stop.abort()
    await hex.catch(() => undefined)
  }
}
