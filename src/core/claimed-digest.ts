import { type ImageLocation, imageName } from './image.ts'
import type { ExportedDisk } from './outputs.ts'
import { problem } from './problem.ts'

/** What a disk has to be, whoever compares it with that: algorithm, colon, hex. */
export function digestOfDisk({ checked, claimed }: Pick<ExportedDisk, 'checked' | 'claimed'>): string | undefined {
  return checked ?? claimed
}

/** The algorithm of a digest, by Node's name for it. @param digest algorithm, colon, hex */
export function algorithmOf(digest: string): string {
  return digest.replace(/:.*$/s, '')
}

/**
 * @param claimed,found algorithm, colon, hex
 * @throws ProblemError CHECKSUM_DIFFERS
 */
export function refuseOtherDigest(image: ImageLocation, claimed: string, found: string): void {
  if (found === claimed) return
  const what = `${imageName(image)} is not what its manifest says`
  throw problem('CHECKSUM_DIFFERS', `${what}: it was changed, or damaged on its way`, {
    detail: `listed ${claimed}, found ${found}`,
    hint: 'copy or export the machine again',
  })
}
