import { statSync } from 'node:fs'
import type { FileIdentity } from '../../core/image.ts'

/**
 * What each path is now; undefined for those that are not there. Synchronous on purpose: for tens of thousands of
 * files a plan asks for, the thread pool costs ten times what the calls do.
 */
export function identities(paths: readonly string[]): (FileIdentity | undefined)[] {
  return paths.map((path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat && { path, bytes: Number(stat.size), modified: String(stat.mtimeNs) }
  })
}
