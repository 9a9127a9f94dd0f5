import type { Issue } from './language/check.ts'

/** A map of plain data as it comes out of YAML or JSON. */
export type JsonObject = Readonly<Record<string, unknown>>
export type Path = readonly PropertyKey[]

/** What a layer belongs to. The first three hold for many machines, the others for one. */
export type LayerKind = 'defaults' | 'profile' | 'shared_config' | 'manifest' | 'overrides'

/** Where a layer stands. */
export interface LayerOrigin {
  readonly kind: LayerKind
  /** For a person: `profile production`, `shared_config`. */
  readonly name: string
  readonly file: string
  /** Where its value begins in the file, such as `['vms', 3, 'overrides']`. */
  readonly path: Path
  /** Parts of the value that do not stand under `path` as they are called: at `to` in the value, at `from` in the file. */
  readonly moved?: readonly { readonly to: Path; readonly from: Path }[]
}

/** One of the files, or parts of files, that together say what a machine is to be. */
export interface Layer {
  readonly origin: LayerOrigin
  readonly value: JsonObject
}

/** How the files that come with h2k begin, as problems and origins name them. */
export const builtInPrefix = '<h2k>/'

/** A finding in one of several files; the path is that in the file. */
export interface FileIssue extends Issue {
  readonly file: string
}

export function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path, also inside lists; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<PropertyKey, unknown>)[part]
  }
  return here
}
