import { lstatSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Files } from '../../ports/files.ts'
import { beginning } from './beginning.ts'
import { copyWhole } from './copy-whole.ts'
import { digest, sha256 } from './digest.ts'
import { identities, orAbsent, version } from './identity.ts'
import { remove } from './remove.ts'
import { renameWhole } from './rename-whole.ts'
import { writeWhole } from './write-whole.ts'

/** The files of this host. */
export function createFiles(): Files {
  return {
    identities,
    version,
    exists: (path) => orAbsent(() => lstatSync(path, { throwIfNoEntry: false })) !== undefined,
    real: (path) => orAbsent(() => realpathSync.native(path)),
    beginning,
    space(path) {
      const folder = nearestFolder(path)
      const { bavail, bsize } = statfsSync(folder)
      return { freeBytes: bavail * bsize, filesystem: String(statSync(folder).dev) }
    },
    writeWhole,
    remove,
    rename: renameWhole,
    copy: copyWhole,
    sha256,
    digest,
  }
}

function nearestFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    if (orAbsent(() => statSync(folder, { throwIfNoEntry: false }))?.isDirectory() || folder === dirname(folder))
      return folder
  }
}
