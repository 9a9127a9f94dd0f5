import { algorithmOf, refuseOtherDigest } from '../core/claimed-digest.ts'
import type { ExportedDisk, ExportOutput } from '../core/outputs.ts'
import type { Files } from '../ports/files.ts'

/**
 * Compares disks with the digests that are claimed for them, where no copy will.
 * @throws ProblemError CHECKSUM_DIFFERS
 */
export async function checkClaims(
  exported: ExportOutput,
  files: Pick<Files, 'digest'>,
  signal: AbortSignal,
): Promise<ExportOutput> {
  const disks: ExportedDisk[] = []
  for (const { claimed, ...disk } of exported.disks) {
    if (claimed === undefined) disks.push(disk)
    else {
      const algorithm = algorithmOf(claimed)
      refuseOtherDigest(disk.image, claimed, `${algorithm}:${await files.digest(disk.image, algorithm, signal)}`)
      disks.push({ ...disk, checked: claimed })
    }
  }
  return { ...exported, disks }
}
