import { problemsOf } from '../../../core/problem.ts'
import { type Measured, measured } from '../targets.ts'
import { type BegunImage, grainsBefore } from './grains-before.ts'
import { beginningOf } from './remote-beginning.ts'
import type { RemoteImage } from './remote-guest.ts'
import type { ReadBeginning } from './vmdk-stream.ts'

/**
 * How much there is of an image that can be asked for parts, before anything of it is on its way: a server need not wait with
 * what it sends, nor have two requests at a time.
 * @returns undefined where that cannot be known, or its server will not say it: then its copy is read once more
 * @throws ProblemError IMAGE_…, SOURCE_CHANGED
 */
export async function measuredBefore(
  image: RemoteImage,
  readBeginning: ReadBeginning,
  signal: AbortSignal,
): Promise<Measured | undefined> {
  try {
    const begun = await beginningOf(image, readBeginning)
    return begun && (await extentOf({ ...image, ...begun }, signal))
  } catch (error) {
    signal.throwIfAborted()
    // Its copy meets whatever keeps it from being read; this only saves time.
    if (problemsOf(error)?.every(({ code }) => code === 'SOURCE_UNREADABLE')) return undefined
    throw error
  }
}

/** The same of an image that arrives, by what its beginning says. */
export async function extentOf(image: BegunImage, signal: AbortSignal): Promise<Measured | undefined> {
  const grains = await grainsBefore(image, signal)
  return grains && (await measured(grains))
}
