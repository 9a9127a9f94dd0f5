import type { Profile } from './language/profile.ts'
import type { FileIssue, JsonObject, Layer, Path } from './layer.ts'
import { nearest } from './nearest.ts'
import { matchesOs } from './os-family.ts'
import { printable } from './printable.ts'

/** A profile as it was read. */
export interface ProfileFile {
  readonly file: string
  readonly profile: Profile
}

/** The profiles that there are: those of the workspace, and the built-in ones that it does not replace. */
export interface ProfileShelf {
  names(): readonly string[]
  /** Is asked for nothing but `names()`. @throws ProblemError for a profile that is wrong in itself */
  find(name: string): ProfileFile | undefined
}

/** Where a profile is named. */
export interface ProfileUse {
  readonly file: string
  readonly path: Path
}

export interface ProfileChain {
  /** The profile and all that it extends, the weakest first. */
  readonly profiles: readonly (ProfileFile & { readonly name: string })[]
  /** Whether parts of it hold for some systems only. */
  readonly asksOs: boolean
}

/** A profile with what it extends; PROFILE_CYCLE, PROFILE_UNKNOWN where it is named. */
export function profileChain(name: string, shelf: ProfileShelf, use: ProfileUse): ProfileChain | FileIssue {
  const profiles: (ProfileFile & { readonly name: string })[] = []
  let place = use
  for (let wanted: string | undefined = name; wanted !== undefined; ) {
    const names = profiles.map((profile) => profile.name)
    if (names.includes(wanted)) {
      const circle = [...names.slice(names.indexOf(wanted)), wanted].map(printable).join(' -> ')
      const summary = `the profile "${printable(wanted)}" extends itself: ${circle}`
      return { ...place, code: 'PROFILE_CYCLE', summary, hint: 'remove one of these extends' }
    }
    const known = shelf.names()
    const found: ProfileFile | undefined = known.includes(wanted) ? shelf.find(wanted) : undefined
    if (!found) return unknown(wanted, known, place)
    profiles.push({ name: wanted, ...found })
    place = { file: found.file, path: ['extends'] }
    wanted = found.profile.extends
  }
  return { profiles: profiles.toReversed(), asksOs: profiles.some(({ profile }) => profile.when !== undefined) }
}

function unknown(name: string, known: readonly string[], place: ProfileUse): FileIssue {
  const near = nearest(name, known)
  const hint = near === undefined ? `there are: ${known.toSorted().join(', ')}` : `did you mean "${near}"?`
  return { ...place, code: 'PROFILE_UNKNOWN', summary: `there is no profile "${printable(name)}"`, hint }
}

/**
 * The layers of a chain, the weakest first: of each profile itself, then its parts for the system. `os` is what the
 * machine or its source calls it; no part fits a system that nobody knows, but those for `unknown`.
 */
export function chainLayers({ profiles }: ProfileChain, os: string): readonly Layer[] {
  return profiles.flatMap(({ name, file, profile }) => {
    const { $schema, extends: _, description, when = [], ...value } = profile
    const layer = (part: JsonObject, path: Path): Layer => {
      return { origin: { kind: 'profile', name: `profile ${printable(name)}`, file, path }, value: part }
    }
    const parts = when.flatMap(({ os: wanted, ...part }, index) => {
      return [wanted].flat().some((one) => matchesOs(one, os)) ? [layer(part, ['when', index])] : []
    })
    return [layer(value, []), ...parts]
  })
}
