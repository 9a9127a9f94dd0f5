import { isMap, valueAt } from '../core/layer.ts'
import type { MachineBatch } from '../core/machine.ts'
import type { MachineParts } from '../core/machine-layers.ts'
import { machineName } from '../core/resolve-machine.ts'
import type { Candidate } from '../core/vmware2scw-selection.ts'

/** A machine of the workspace before its layers are merged. */
export interface Entry {
  /** Where relative paths begin. */
  readonly file: string
  readonly parts: MachineParts
  readonly enabled: boolean
  readonly priority: number
  readonly batch?: MachineBatch
  /** The plan of vmware2scw that takes it. */
  readonly plan?: string
  /** The name of a machine that stands in a batch itself. */
  readonly name?: string
}

/** A machine by what its own layers say of its name, folder and tags. */
export function candidateOf({ file, parts, name }: Entry): Candidate {
  const { shared = [], manifest, overrides = [] } = parts
  const layers = [...shared, ...manifest, ...overrides]
  const said = (...path: string[]) =>
    layers.map(({ value }) => valueAt(value, path)).findLast((value) => value !== undefined)
  const written = textOf(said('source', 'vm_name'))
  const folder = textOf(said('source', 'folder')) ?? textOf(said('metadata', 'folder'))
  return {
    name: machineName(written ?? name, file),
    ...(folder === undefined ? {} : { folder }),
    tags: [...tagsOf(said('source', 'tags')), ...tagsOf(said('metadata', 'tags'))],
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

// A list of words, or a map of which each entry is `key:value`.
function tagsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((tag) => typeof tag === 'string')
  return isMap(value) ? Object.entries(value).map(([key, tag]) => `${key}:${tag}`) : []
}
