import { algorithmOf, refuseOtherDigest } from '../core/claimed-digest.ts'
import type { ExportedDisk, ExportOutput } from '../core/outputs.ts'
import type { Files } from '../ports/files.ts'

/**
 * Reads disks and compares them with the digests that are claimed for them, where something sees them before a copy does, or no
 * copy may follow.
 * @throws ProblemError CHECKSUM_DIFFERS
 */
export async function checkClaims(
  disks: readonly Pick<ExportedDisk, 'image' | 'claimed'>[],
  files: Pick<Files, 'digest'>,
  signal: AbortSignal,
): Promise<void> {
  for (const { image, claimed } of disks) {
    if (claimed === undefined) continue
    const algorithm = algorithmOf(claimed)
    refuseOtherDigest(image, claimed, `${algorithm}:${await files.digest(image, algorithm, signal)}`)
  }
}

/** The same export, all of whose claims were checked. */
export function asChecked(exported: ExportOutput): ExportOutput {
  const disks = exported.disks.map(({ claimed, ...disk }) =>
    claimed === undefined ? disk : { ...disk, checked: claimed },
  )
  return { ...exported, disks }
}
