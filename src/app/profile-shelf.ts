import { profileSchema } from '../core/language/profile.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { ProfileShelf } from '../core/profile-chain.ts'
import type { FileReader } from './file-reader.ts'

/** The built-in profiles, the workspace's own, and those of a machine's own `folder`: the later ones replace the earlier. */
export function profileShelf(config: WorkspaceConfig, reader: FileReader, folder?: string): ProfileShelf {
  const { files } = reader
  const folders = [config.profiles_directory ?? 'profiles', ...(folder === undefined ? [] : [folder])]
  const own = folders.flatMap((name) => files.list(name) ?? []).filter((file) => /\.(ya?ml|json)$/.test(file))
  const byName = new Map([...files.builtInProfiles(), ...own].map((file) => [nameOf(file), file]))
  return {
    names: () => [...byName.keys()],
    find(name) {
      const file = byName.get(name)
      return file === undefined ? undefined : { file, profile: reader.readAs(profileSchema, file) }
    },
  }
}

function nameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.[^.]+$/, '')
}
