import type { ImageHeader } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import type { ArchiveEntry } from '../../ports/archive.ts'
import type { ExportInput } from '../../ports/source.ts'

/** @throws ProblemError SOURCE_MISSING */
export function missingSource(path: string): never {
  throw problem('SOURCE_MISSING', `${path} is not there`, { hint: 'check source.path and disks[].local_path' })
}

/** @throws ProblemError DISK_SIZE_DIFFERS when the image is not as large as the manifest says */
export function refuseOtherSize(
  disk: { readonly id: string; readonly virtualBytes: number },
  header: Pick<ImageHeader, 'virtualBytes'>,
): void {
  if (header.virtualBytes === disk.virtualBytes) return
  throw problem(
    'DISK_SIZE_DIFFERS',
    `disk ${disk.id}: the image has ${header.virtualBytes} bytes, the manifest says ${disk.virtualBytes}`,
    { hint: `set bytes: ${header.virtualBytes}, if this is the right image` },
  )
}

/**
 * The manifest in git and the archive's own have to agree, so that neither can be exchanged alone.
 * @throws ProblemError CHECKSUM_DIFFERS
 */
export function refuseOtherChecksum(
  { id, checksum }: ExportInput['disks'][number],
  { name, digest }: ArchiveEntry,
): void {
  if (checksum === undefined || checksum === digest) return
  throw problem('CHECKSUM_DIFFERS', `disk ${id}: ${name} is not what the manifest says`, {
    detail: `manifest ${checksum}, archive ${digest ?? 'without a digest of it'}`,
    hint: digest === undefined ? 'export it again with digests, or remove checksum' : 'export or copy it again',
  })
}
