import { profileSchema } from '../core/language/profile.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { ProfileShelf } from '../core/profile-chain.ts'
import type { FileReader } from './file-reader.ts'

/** The workspace's own profiles, and the built-in ones that it does not replace. */
export async function profileShelf(config: WorkspaceConfig, reader: FileReader): Promise<ProfileShelf> {
  const { files } = reader
  const folder = (config.profiles_directory ?? 'profiles').replace(/\/+$/, '')
  const own = await files.find([`${folder}/*.{yaml,yml,json}`])
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
