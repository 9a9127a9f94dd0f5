import { statSync } from 'node:fs'
import type { FileIdentity } from '../../core/image.ts'

/**
 * What each path is now; undefined for those that are not there. Synchronous on purpose: for tens of thousands of
 * files a plan asks for, the thread pool costs ten times what the calls do.
 */
export function identities(paths: readonly string[]): (FileIdentity | undefined)[] {
  return paths.map((path) => {
    const stat = orAbsent(() => statSync(path, { bigint: true, throwIfNoEntry: false }))
    return stat && { path, bytes: Number(stat.size), modified: String(stat.mtimeNs) }
  })
}

/** Another after each write to a file, and for each that is put in its place with the same times; empty where none is. */
export function version(path: string): string {
  const stat = orAbsent(() => statSync(path, { bigint: true, throwIfNoEntry: false }))
  return stat ? `${stat.dev} ${stat.ino} ${stat.ctimeNs}` : ''
}

/** What is asked of a path; undefined also where a part of the path is a file. */
export function orAbsent<T>(ask: () => T | undefined): T | undefined {
  try {
    return ask()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined
    throw error
  }
}
