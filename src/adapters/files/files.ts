import { lstatSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Files } from '../../ports/files.ts'
import { identities } from './identity.ts'
import { remove } from './remove.ts'
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
    remove,
    sha256,
  }
}

function nearestFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() || folder === dirname(folder)) return folder
  }
}
