import { algorithmOf, refuseOtherDigest } from '../../core/claimed-digest.ts'
import type { ImageLocation } from '../../core/image.ts'
import { ProblemError, problemsOf } from '../../core/problem.ts'
import type { DiskToCopy } from '../../ports/disks.ts'
import type { Work } from '../../ports/work.ts'

/** As `Files.digest`, waiting before it reads up to a position. */
export type PacedDigest = (
  image: ImageLocation,
  algorithm: string,
  signal: AbortSignal,
  mayRead: (position: number, lengthBytes: number) => Promise<void>,
) => Promise<string>

/** What a copy is told. */
export interface CopyWork extends Pick<Work, 'signal' | 'progress'> {
  /** Waited for before a copy gets its name. @throws ProblemError CHECKSUM_DIFFERS */
  confirm(): Promise<void>
}

/** So far ahead of the copy its source is hashed: what one has read is still in memory for the other. */
const aheadBytes = 64 * 2 ** 20

/** Copies a disk, and compares its source with the digest that is claimed for it, if any, in the same reading. */
export async function withClaim<Result>(
  { image, claimed }: Pick<DiskToCopy, 'image' | 'claimed'>,
  dataBytes: number,
  digest: PacedDigest,
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
  copy: (work: CopyWork) => Promise<Result>,
): Promise<Result> {
  if (claimed === undefined) return await copy({ signal, progress, confirm: async () => {} })
  const stop = new AbortController()
  const pace = behind(dataBytes)
  const algorithm = algorithmOf(claimed)
  const hashing = digest(image, algorithm, AbortSignal.any([signal, stop.signal]), pace.mayRead)
  // Its error is for who waits for it; a copy that fails by itself does not.
  hashing.catch(() => undefined)
  const confirm = async () => {
    pace.end()
    refuseOtherDigest(image, claimed, `${algorithm}:${await hashing}`)
  }
  const copied = (bytes: number) => {
    progress(bytes)
    pace.reached(bytes)
  }
  try {
    return await copy({ signal, progress: copied, confirm })
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems?.some(({ code }) => code === 'IMAGE_CORRUPT')) throw error
    // Whether it was damaged on its way says more than what the damage did.
    await confirm().catch((first: unknown) => {
      throw new ProblemError([...(problemsOf(first) ?? []), ...problems])
    })
    throw error
  } finally {
    stop.abort()
    pace.end()
    await Promise.allSettled([hashing])
  }
}

/** Lets a reader go on as far as a copy has come. */
function behind(dataBytes: number) {
  let share = 0
  let wake = () => {}
  const until = (to: number) => {
    share = Math.max(share, to)
    wake()
  }
  return {
    reached: (bytes: number) => until(dataBytes > 0 ? bytes / dataBytes : 1),
    end: () => until(Number.POSITIVE_INFINITY),
    async mayRead(position: number, lengthBytes: number) {
      while (position > share * lengthBytes + aheadBytes) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
