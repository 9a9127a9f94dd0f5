import { placesIn } from '../core/language/place-issues.ts'
import type { Layer, Path } from '../core/layer.ts'
import { originOf } from '../core/origin.ts'
import type { Place } from '../core/problem.ts'
import type { WorkspaceFiles } from '../ports/workspace-files.ts'

// A mapping is asked for by every machine, a manifest by one: the few files asked last are enough.
const mostFiles = 16

/** Where layers say something. Files are parsed once, as long as they are asked for. */
export function createSaidPlaces(files: WorkspaceFiles) {
  const parsed = new Map<string, ReturnType<typeof placesIn>>()
  const placesOf = (file: string) => {
    const known = parsed.get(file) ?? placesIn(files.read(file), file)
    parsed.delete(file)
    parsed.set(file, known)
    const [oldest] = parsed.keys()
    if (parsed.size > mostFiles && oldest !== undefined) parsed.delete(oldest)
    return known
  }
  return {
    /** The first of the paths that a layer has; undefined when none has any. */
    said(layers: readonly Layer[], paths: readonly Path[]): Place | undefined {
      for (const path of paths) {
        const found = originOf(layers, path)
        const file = found && layers[found.layer]?.origin.file
        if (found && file !== undefined) return placesOf(file)(found.pathInLayer)
      }
      return undefined
    },
  }
}
export type SaidPlaces = ReturnType<typeof createSaidPlaces>
