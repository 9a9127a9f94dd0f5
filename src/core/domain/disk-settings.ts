import type { ManifestDisk } from '../language/manifest.ts'
import { printable } from '../printable.ts'
import type { DescribedDomainDisk } from './described-domain.ts'

const caches = ['none', 'writeback', 'writethrough', 'directsync', 'unsafe'] as const
const ways = ['threads', 'native', 'io_uring'] as const
const discards = ['unmap', 'ignore'] as const
// The most that the language takes.
const mostIops = 1_000_000_000

/** How a disk is read and written, and how much, in a manifest's words; what it has none for is told. */
export function diskSettings(
  { target, limits, ...disk }: Pick<DescribedDomainDisk, 'target' | 'cache' | 'io' | 'discard' | 'limits'>,
  warnings: string[],
): Pick<ManifestDisk, 'cache' | 'io' | 'discard' | 'limits'> {
  const known = <T extends string>(key: 'cache' | 'io' | 'discard', words: readonly T[]): T | undefined => {
    const written = disk[key]
    const found = words.find((word) => word === written)
    if (written !== undefined && written !== 'default' && found === undefined) {
      warnings.push(`disk ${printable(target)}: ${key} ${printable(written)} is not taken over`)
    }
    return found
  }
  const cache = known('cache', caches)
  const way = known('io', ways)
  // Such a domain does not start.
  const io = way === 'native' && cache !== 'none' && cache !== 'directsync' ? undefined : way
  if (io !== way)
    warnings.push(`disk ${printable(target)}: io native is not taken over: it takes cache none or directsync`)
  const discard = known('discard', discards)
  const { iops, bytesPerSecond } = limits
  const some = {
    ...(iops === undefined ? {} : { iops: Math.min(iops, mostIops) }),
    ...(bytesPerSecond === undefined ? {} : { bytes_per_second: bytesPerSecond }),
  }
  return {
    ...(cache ? { cache } : {}),
    ...(io ? { io } : {}),
    ...(discard ? { discard } : {}),
    ...(Object.keys(some).length > 0 ? { limits: some } : {}),
  }
}
