import { parseText } from '../../src/core/language/parse-text.ts'
import { isMap, type JsonObject, type Layer, type LayerKind } from '../../src/core/layer.ts'

/** What a YAML text says. */
export function yaml(text: string): JsonObject {
  const value = parseText(new TextEncoder().encode(text), 'test.yaml')
  if (!isMap(value)) throw new Error(`no map: ${text}`)
  return value
}

/** A layer that is a file of its own. */
export function layer(text: string, kind: LayerKind = 'manifest', file = `${kind}.yaml`): Layer {
  return { origin: { kind, name: kind, file, path: [] }, value: yaml(text) }
}

/** Files with their texts, and `file:line` of a path in one of them. */
export const bytes = (text: string) => new TextEncoder().encode(text)
