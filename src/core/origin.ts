import type { Issue } from './language/check.ts'
import { type FileIssue, isMap, type Layer, type LayerOrigin, type Path, valueAt } from './layer.ts'
import { mergeLayers } from './merge.ts'

/** Which layer gave a value: its index among the layers, and the path in that layer's file. */
export interface Origin {
  readonly layer: number
  readonly pathInLayer: Path
}

/** A value of the merged layers that holds no others: a scalar, or an empty list or map. */
export interface Leaf extends Origin {
  readonly path: readonly (string | number)[]
  readonly value: unknown
}

/** Every leaf of what the layers, the weakest first, come to, with its origin. */
export function originsOf(layers: readonly Layer[]): readonly Leaf[] {
  const leaves: Leaf[] = []
  collect(mergeLayers(layers), [], (path, value) => {
    const origin = originOf(layers, path)
    if (origin && path.length > 0) leaves.push({ path, value, ...origin })
  })
  return leaves
}

function collect(
  value: unknown,
  path: readonly (string | number)[],
  found: (path: Leaf['path'], value: unknown) => void,
) {
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : isMap(value)
      ? Object.entries(value)
      : []
  if (members.length === 0) return found(path, value)
  for (const [key, member] of members) collect(member, [...path, key], found)
}

/** Which layer gave the value at a path of the merged layers: the strongest that has one there. */
export function originOf(layers: readonly Layer[], path: Path): Origin | undefined {
  for (const [layer, { origin, value }] of [...layers.entries()].toReversed()) {
    if (valueAt(value, path) !== undefined) return { layer, pathInLayer: pathInFile(origin, path) }
  }
  return undefined
}

function pathInFile({ path: prefix, moved = [] }: LayerOrigin, path: Path): Path {
  const move = moved.find(({ to }) => to.every((part, index) => part === path[index]))
  return move ? [...move.from, ...path.slice(move.to.length)] : [...prefix, ...path]
}

/**
 * Puts findings on the merged layers where a person has to edit: in the layer that gave the value; for a missing one, in
 * the strongest layer that has what is around it, and if none does in the manifest.
 */
export function issuesInFiles(issues: readonly Issue[], layers: readonly Layer[]): readonly FileIssue[] {
  return issues.map((issue) => ({ ...issue, ...whereToEdit(issue.path, layers) }))
}

function whereToEdit(path: Path, layers: readonly Layer[]): { readonly file: string; readonly path: Path } {
  for (let length = path.length; length > 0; length--) {
    const found = originOf(layers, path.slice(0, length))
    const layer = found && layers[found.layer]
    if (layer) return { file: layer.origin.file, path: found.pathInLayer }
  }
  const own = layers.findLast(({ origin }) => origin.kind === 'manifest') ?? layers.at(-1)
  return { file: own?.origin.file ?? '', path: own?.origin.path ?? [] }
}
