import { profileSchema } from '../core/language/profile.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { ProfileFile, ProfileShelf } from '../core/profile-chain.ts'
import type { WorkspaceFiles } from '../ports/workspace-files.ts'
import type { FileReader } from './file-reader.ts'

/** The built-in profiles, the workspace's own, and those of a machine's own `folder`: the later ones replace the earlier. */
export function profileShelf(config: WorkspaceConfig, reader: FileReader, folder?: string): ProfileShelf {
  const { files } = reader
  const own = [...ownProfiles(config, files), ...(folder === undefined ? [] : profilesIn(folder, files))]
  const byName = new Map([...files.builtInProfiles(), ...own].map((file) => [nameOf(file), file]))
  // One that is wrong is read once, too, however many machines name it.
  const read = new Map<string, () => ProfileFile>()
  return {
    names: () => [...byName.keys()],
    find(name) {
      const file = byName.get(name)
      if (file === undefined) return undefined
      const known = read.get(name) ?? outcomeOf(() => ({ file, profile: reader.readAs(profileSchema, file) }))
      read.set(name, known)
      return known()
    },
  }
}

/** The files of the workspace's own profiles. */
export function ownProfiles(config: WorkspaceConfig, files: WorkspaceFiles): readonly string[] {
  return profilesIn(config.profiles_directory ?? 'profiles', files)
}

function outcomeOf<T>(work: () => T): () => T {
  try {
    const value = work()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

function profilesIn(folder: string, files: WorkspaceFiles): readonly string[] {
  return (files.list(folder) ?? []).filter((file) => /\.(ya?ml|json)$/.test(file))
}

function nameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.[^.]+$/, '')
}
