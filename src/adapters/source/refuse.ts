import type { ImageHeader } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'

/** @throws ProblemError SOURCE_MISSING */
export function missingSource(path: string): never {
  throw problem('SOURCE_MISSING', `${path} is not there`, { hint: 'check source.path and disks[].local_path' })
}

/** @throws ProblemError DISK_SIZE_DIFFERS when the image is not as large as the manifest says */
export function refuseOtherSize(
  disk: { readonly id: string; readonly virtualBytes: number },
  header: ImageHeader,
): void {
  if (header.virtualBytes === disk.virtualBytes) return
  throw problem(
    'DISK_SIZE_DIFFERS',
    `disk ${disk.id}: the image has ${header.virtualBytes} bytes, the manifest says ${disk.virtualBytes}`,
    { hint: `set bytes: ${header.virtualBytes}, if this is the right image` },
  )
}
