import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { Layer } from '../core/layer.ts'
import { type MachineParts, profilesFolder } from '../core/machine-layers.ts'
import { ProblemError } from '../core/problem.ts'
import { createProfiles, type Profiles } from '../core/profiles.ts'
import type { FileReader } from './file-reader.ts'
import { placedInFiles } from './placed-issues.ts'
import { profileShelf } from './profile-shelf.ts'

/** The profiles that each machine may name. */
export interface ProfileLibrary {
  /** @throws ProblemError FILE_UNREADABLE for a `profiles_directory` that is not there */
  of(parts: MachineParts): Profiles
}

/** Those of the workspace, and for a machine with a `profiles_directory` also those in it; each folder is read once. */
export function profileLibrary(config: WorkspaceConfig, reader: FileReader, below: readonly Layer[]): ProfileLibrary {
  const { files } = reader
  const byFolder = new Map<string | undefined, Profiles>()
  return {
    of(parts) {
      const named = profilesFolder(parts)
      const folder = named && files.relative(files.resolve(named.file, named.folder))
      const known = byFolder.get(folder)
      if (known) return known
      if (named && folder !== undefined && files.list(folder) === undefined) {
        const summary = 'there is no such folder'
        const issue = { code: 'FILE_UNREADABLE', summary, hint: 'make it, or remove the key' } as const
        throw new ProblemError(placedInFiles([{ ...named, ...issue }], files))
      }
      const profiles = createProfiles(profileShelf(config, reader, folder), below)
      byFolder.set(folder, profiles)
      return profiles
    },
  }
}
