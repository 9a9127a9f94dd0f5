import { type Layer, type LayerKind, valueAt } from './layer.ts'
import { originOf } from './origin.ts'

const ofMany: readonly LayerKind[] = ['defaults', 'profile', 'shared_config']

/** `output.directory` of a machine. */
export interface OutputDirectory {
  readonly directory: string
  /** A relative one is relative to this file. */
  readonly file: string
  /** It was said for many machines: each gets a folder of its own in it, by its name. */
  readonly shared: boolean
}

/** Which layer says where a machine's output goes; undefined when none does. */
export function outputDirectory(layers: readonly Layer[]): OutputDirectory | undefined {
  const path = ['output', 'directory']
  const found = originOf(layers, path)
  const layer = found && layers[found.layer]
  const directory = layer && valueAt(layer.value, path)
  if (typeof directory !== 'string' || layer === undefined) return undefined
  return { directory, file: layer.origin.file, shared: ofMany.includes(layer.origin.kind) }
}
