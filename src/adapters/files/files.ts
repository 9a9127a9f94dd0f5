import { lstatSync, statfsSync, statSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { problem } from '../../core/problem.ts'
import type { Files } from '../../ports/files.ts'
import { identities } from './identity.ts'
import { sha256 } from './sha256.ts'
import { writeWhole } from './write-whole.ts'

/** The files of this host. */
export function createFiles(): Files {
  return {
    identities,
    exists: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
    space(path) {
      const folder = nearestFolder(path)
      const { bavail, bsize } = statfsSync(folder)
      return { freeBytes: bavail * bsize, filesystem: String(statSync(folder).dev) }
    },
    writeWhole,
    async readText(path, signal) {
      try {
        return await readFile(path, { encoding: 'utf8', signal })
      } catch (error) {
        signal.throwIfAborted()
        throw unreadable(path, error)
      }
    },
    async makeFolder(path) {
      await mkdir(path, { recursive: true })
    },
    sha256,
  }
}

/** Says why a file cannot be read, in a user's words. */
function unreadable(path: string, error: unknown) {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return problem('SOURCE_MISSING', `${path} is not there`)
  if (code === 'EACCES' || code === 'EPERM') {
    return problem('SOURCE_UNREADABLE', `${path} may not be read by this user`, { hint: 'check its permissions' })
  }
  return problem('SOURCE_UNREADABLE', `${path} cannot be read: ${code ?? String(error)}`)
}

function nearestFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() || folder === dirname(folder)) return folder
  }
}
