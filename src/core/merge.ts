import { isMap, type JsonObject, type Layer } from './layer.ts'

/**
 * Merges layers, the weakest first: maps merge, lists and scalars replace, `null` removes. Shares with the layers what
 * it takes over unchanged. Merging the first few beforehand changes nothing; merging the last few may.
 */
export function mergeLayers(layers: readonly Pick<Layer, 'value'>[]): JsonObject {
  const [weakest, ...stronger] = layers
  return stronger.reduce((below, { value }) => mergeMaps(below, value), withoutNulls(weakest?.value ?? {}))
}

/** Lays one map over another. The lower one holds no nulls but in lists, nor does the result. */
function mergeMaps(below: JsonObject, above: JsonObject): JsonObject {
  let merged: Record<string, unknown> | undefined
  for (const key of Object.keys(above)) {
    const over = above[key]
    const known = Object.hasOwn(below, key)
    if (over === undefined || (over === null && !known)) continue
    const under = known ? below[key] : undefined
    const value = isMap(over) ? (isMap(under) ? mergeMaps(under, over) : withoutNulls(over)) : over
    if (value === under) continue
    merged ??= { ...below }
    if (value === null) delete merged[key]
    else put(merged, key, value)
  }
  return merged ?? below
}

/** A map without its nulls, those of the maps in it too; the map itself where there are none. */
export function withoutNulls(map: JsonObject): JsonObject {
  let cleaned: Record<string, unknown> | undefined
  for (const key of Object.keys(map)) {
    const member = map[key]
    const value = isMap(member) ? withoutNulls(member) : member
    if (value === member && value !== null && value !== undefined) continue
    cleaned ??= { ...map }
    if (value === null || value === undefined) delete cleaned[key]
    else put(cleaned, key, value)
  }
  return cleaned ?? map
}

// Assigning `__proto__` would change what the object is.
function put(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') map[key] = value
  else Object.defineProperty(map, key, { value, configurable: true, enumerable: true, writable: true })
}
