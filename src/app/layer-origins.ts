import { shownValue } from '../core/language/hidden-value.ts'
import { placesIn } from '../core/language/place-issues.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { Layer } from '../core/layer.ts'
import { originsOf } from '../core/origin.ts'
import { type Place, ProblemError, problem } from '../core/problem.ts'
import { createProfiles } from '../core/profiles.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'
import { createFileReader } from './file-reader.ts'
import { placedInFiles } from './placed-issues.ts'
import { profileShelf } from './profile-shelf.ts'

/** A resolved value, and where it stands. */
export interface ResolvedValue {
  readonly path: string
  readonly value: unknown
  /** Such as `profile production`. */
  readonly layer: string
  readonly at: Place
}

/** Every value that layers come to, with its origin; secrets are left out. */
export function resolvedValues(layers: readonly Layer[], files: WorkspaceFiles): readonly ResolvedValue[] {
  const places = new Map<string, ReturnType<typeof placesIn>>()
  const placeIn = (file: string) => {
    const known = places.get(file) ?? placesIn(files.read(file), file)
    places.set(file, known)
    return known
  }
  return originsOf(layers).flatMap(({ path, value, layer, pathInLayer }) => {
    const origin = layers[layer]?.origin
    if (!origin) return []
    const shown = shownValue(path, value)
    return [{ path: path.join('.'), value: shown, layer: origin.name, at: placeIn(origin.file)(pathInLayer) }]
  })
}

interface ProfileQuestion {
  readonly config: WorkspaceConfig
  readonly files: WorkspaceFiles
  readonly cache: ParseCache
  readonly version: string
}

export function profileNames({ config, files, cache, version }: ProfileQuestion): readonly string[] {
  return profileShelf(config, createFileReader(files, cache, version)).names()
}

/** The layers of a profile for a system. @throws ProblemError PROFILE_UNKNOWN, PROFILE_CYCLE */
export function profileLayers(
  name: string,
  os: string,
  { config, files, cache, version }: ProfileQuestion,
): readonly Layer[] {
  const shelf = profileShelf(config, createFileReader(files, cache, version))
  const resolved = createProfiles(shelf).resolve(name, os, { file: 'h2k.yaml', path: [] })
  // Whoever asked named it, and no file.
  if ('code' in resolved && !shelf.names().includes(name)) {
    throw problem(resolved.code, resolved.summary, resolved.hint === undefined ? {} : { hint: resolved.hint })
  }
  if ('code' in resolved) throw new ProblemError(placedInFiles([resolved], files))
  return resolved.layers
}
