import { z } from 'zod'

// Made here already, so not to be changed again.
const layers = new WeakSet<z.ZodType>()

/**
 * A map as a layer may hold it: no key is required, maps may be incomplete, and `null` removes what a weaker layer gave.
 * Lists replace as a whole, so their items stay what they are. Rules between the keys of a map are left out, since they
 * cannot hold before all layers are merged.
 */
export function layerOf(shape: Readonly<Record<string, unknown>>, id: string) {
  const layer = z.strictObject(layerShape(shape)).meta({ id })
  layers.add(layer)
  return layer
}

/** The keys of such a map. */
export function layerShape(shape: Readonly<Record<string, unknown>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, member]) => [
      key,
      removable(describedLists.includes(key) ? listOf(member) : member),
    ]),
  )
}

// Other tools write every key that they know: what is optional in an item of these may be null, which says nothing.
const describedLists = ['disks', 'nics', 'warnings']

function listOf(member: unknown): z.ZodType {
  const list = typed(member)
  const array = list instanceof z.ZodOptional ? typed(list.unwrap()) : list
  const item = array instanceof z.ZodArray ? typed(array.element) : undefined
  if (!(item instanceof z.ZodObject)) return list
  const keys = Object.entries(item.shape).map(([key, value]): [string, z.ZodType] => {
    const schema = typed(value)
    return [key, schema instanceof z.ZodOptional ? removable(schema) : schema]
  })
  const loose = z.array(item.safeExtend(Object.fromEntries(keys))).optional()
  return list.description === undefined ? loose : loose.describe(list.description)
}

function removable(member: unknown): z.ZodType {
  const schema = typed(member)
  const layer = asLayer(schema).nullable().optional()
  return schema.description === undefined ? layer : layer.describe(schema.description)
}

function asLayer(schema: z.ZodType): z.ZodType {
  if (layers.has(schema)) return schema
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return asLayer(typed(schema.unwrap()))
  if (schema instanceof z.ZodObject) {
    const layer = z.object(layerShape(schema.shape))
    return schema.def.catchall === undefined ? layer : layer.catchall(schema.def.catchall)
  }
  if (schema instanceof z.ZodRecord) return z.record(schema.keyType, removable(schema.valueType))
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map((option) => asLayer(typed(option))))
  return schema
}

function typed(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema
  throw new Error('a shape holds schemas of zod')
}
