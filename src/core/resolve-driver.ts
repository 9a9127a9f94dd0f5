import type { Issue } from './language/check.ts'
import type { Manifest, ManifestDisk } from './language/manifest.ts'
import type { Disk, DiskDriver, DiskLimits } from './machine.ts'
import { isThick } from './resolve-conversion.ts'

/** How the target is to read and write a disk, and how much: what the disk says, else what the mapping says of all. */
export function resolveDriver(
  disk: ManifestDisk & { readonly index: number },
  manifest: Manifest,
  issues: Issue[],
): Pick<Disk, 'driver' | 'limits'> {
  const mapping = manifest.storage_mapping ?? {}
  const cache = disk.cache ?? mapping.cache
  const io = disk.io ?? mapping.io
  // Trimming would make a disk thin again that somebody wants to be thick.
  const discard = disk.discard ?? mapping.discard ?? (isThick(manifest) ? 'ignore' : 'unmap')
  // QEMU refuses it: native I/O goes past the host's cache.
  if (io === 'native' && cache !== 'none' && cache !== 'directsync') {
    const path = disk.io === undefined ? ['storage_mapping', 'io'] : ['disks', disk.index, 'io']
    const summary = `disk ${disk.id}: io: native takes cache: none or directsync, and not ${cache ?? 'what the target chooses'}`
    issues.push({ code: 'VALUE_INVALID', path, summary, hint: 'add cache: none' })
  }
  const driver: DiskDriver = { ...(cache ? { cache } : {}), ...(io ? { io } : {}), discard }
  const limits = limitsOf(disk.limits ?? mapping.disk_limits)
  return limits ? { driver, limits } : { driver }
}

function limitsOf(written: ManifestDisk['limits']): DiskLimits | undefined {
  const { iops, bytes_per_second: bytesPerSecond } = written ?? {}
  if (iops === undefined && bytesPerSecond === undefined) return undefined
  return { ...(iops === undefined ? {} : { iops }), ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) }
}
