import type { z } from 'zod'

/** The keys that a schema knows at a path; none where it takes any. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let here = bare(schema)
  for (const part of path) {
    if (here === undefined) return []
    const { element, shape, valueType } = here
    here = typeof part === 'number' ? bare(element) : bare(shape ? own(shape, String(part)) : valueType)
  }
  return Object.keys(here?.shape ?? {})
}

interface Definition {
  readonly type?: unknown
  readonly innerType?: unknown
  readonly options?: readonly unknown[]
  readonly element?: unknown
  readonly valueType?: unknown
  readonly shape?: Readonly<Record<string, unknown>>
}

/** A schema's definition without what makes it optional or null; of a union its map. */
function bare(schema: unknown): Definition | undefined {
  let definition = definitionOf(schema)
  while (definition?.innerType !== undefined) definition = definitionOf(definition.innerType)
  if (definition?.options === undefined) return definition
  return definition.options.map(bare).find((option) => option?.shape !== undefined)
}

function definitionOf(schema: unknown): Definition | undefined {
  return (schema as { readonly def?: Definition } | undefined)?.def
}

function own(shape: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(shape, key) ? shape[key] : undefined
}
