import { isMap, type Path, valueAt } from '../layer.ts'
import type { Manifest } from './manifest.ts'

/** A key that is understood and has no effect in this version. */
export interface NotApplied {
  readonly path: Path
  readonly what: string
}

type Asks = (value: unknown) => boolean

const given: Asks = (value) => !isMap(value) || Object.keys(value).length > 0

// One line for each; whoever builds the feature takes its line out. `asks` tells a key that wants something from one that
// says no more than what happens anyway.
const table: readonly (readonly [path: string, what: string, asks: Asks])[] = [['scaleway', 'Scaleway target', given]]

/** What each key that is understood and has no effect stands for, by its path. */
export const notAppliedKeys: ReadonlyMap<string, string> = new Map(table.map(([path, what]) => [path, what]))

/** What a machine's manifest, as its layers come to, asks for and this version does not do. */
export function notApplied(manifest: Manifest): readonly NotApplied[] {
  return table.flatMap(([key, what, asks]) => {
    const path = key.split('.')
    const value = valueAt(manifest, path)
    return value !== undefined && value !== null && asks(value) ? [{ path, what }] : []
  })
}
