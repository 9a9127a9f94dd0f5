import { type FileIssue, isMap, type JsonObject, type Layer, type Path, valueAt } from './layer.ts'

/** Reads a mapping's file, named as the file `from` names it at `at`. @throws ProblemError when it cannot be read */
export type ReadMapping = (path: string, from: string, at: Path) => MappingFile

export interface MappingFile {
  readonly file: string
  readonly value: unknown
}

const mappings = ['network_mapping', 'storage_mapping'] as const

/**
 * The layer with the files that `network_mapping: {$ref: mappings/network.yaml}` and `storage_mapping` name: each file is a
 * layer of its own, just weaker than what stands beside its `$ref`. VALUE_INVALID for one that cannot be a mapping.
 */
export function withMappingFiles(layer: Layer, read: ReadMapping): readonly Layer[] | { readonly issue: FileIssue } {
  const layers: Layer[] = []
  let { value } = layer
  for (const key of mappings) {
    const mapping = valueAt(value, [key])
    const path = valueAt(mapping, ['$ref'])
    if (!isMap(mapping) || typeof path !== 'string') continue
    const { $ref: _, ...beside } = mapping
    value = { ...value, [key]: beside }
    const found = read(path, layer.origin.file, [...layer.origin.path, key, '$ref'])
    const content = contentOf(found, key)
    if ('issue' in content) return content
    const origin = { ...layer.origin, name: `${key} of ${layer.origin.name}`, file: found.file, path: [] }
    layers.push({
      origin: { ...origin, moved: [{ to: [key], from: content.from }] },
      value: { [key]: content.content },
    })
  }
  return [...layers, { ...layer, value }]
}

type Content = { readonly content: JsonObject; readonly from: Path } | { readonly issue: FileIssue }

// The mapping itself, or a map that holds it by its name, maybe beside the other one.
function contentOf({ file, value }: MappingFile, key: (typeof mappings)[number]): Content {
  const refuse = (path: Path, summary: string, hint: string) => {
    return { issue: { code: 'VALUE_INVALID', file, path, summary, hint } as const }
  }
  if (!isMap(value)) return refuse([], 'a mapping must be a map', 'write its keys as in a manifest')
  const { $schema: _, ...whole } = value
  const named = valueAt(whole, [key])
  const alone = Object.keys(whole).every((each) => mappings.some((mapping) => mapping === each))
  const [content, from] = isMap(named) && alone ? [named, [key]] : [whole, []]
  if (!Object.hasOwn(content, '$ref')) return { content, from }
  const hint = 'name that one where this one is named'
  return refuse([...from, '$ref'], 'the file of a mapping cannot name another one', hint)
}
