import type { z } from 'zod'

/** The keys that a schema knows at a path, where `value` stands; none where it takes any. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[], value?: unknown): readonly string[] {
  let here = bare(schema, path.length === 0 ? value : undefined)
  for (const [index, part] of path.entries()) {
    if (here === undefined) return []
    const { element, shape, valueType } = here
    const next = typeof part === 'number' ? element : shape ? own(shape, String(part)) : valueType
    here = bare(next, index === path.length - 1 ? value : undefined)
  }
  return Object.keys(here?.shape ?? {})
}

interface Definition {
  readonly type?: unknown
  /** Of a literal. */
  readonly values?: readonly unknown[]
  readonly innerType?: unknown
  readonly options?: readonly unknown[]
  readonly element?: unknown
  readonly valueType?: unknown
  readonly shape?: Readonly<Record<string, unknown>>
}

/** A schema's definition without what makes it optional or null; of a union the map that `value` says it is, else its first. */
function bare(schema: unknown, value?: unknown): Definition | undefined {
  let definition = definitionOf(schema)
  while (definition?.innerType !== undefined) definition = definitionOf(definition.innerType)
  if (definition?.options === undefined) return definition
  const maps = definition.options.map((option) => bare(option)).filter((option) => option?.shape !== undefined)
  return maps.find((option) => isKind(option?.shape, value)) ?? maps[0]
}

function isKind(shape: Definition['shape'] = {}, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, written]) => definitionOf(own(shape, key))?.values?.includes(written))
}

function definitionOf(schema: unknown): Definition | undefined {
  return (schema as { readonly def?: Definition } | undefined)?.def
}

function own(shape: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(shape, key) ? shape[key] : undefined
}
