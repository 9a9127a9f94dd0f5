/** The parts of a JSON Schema that zod writes for the language. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly description?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

/** One key for a reader. */
export interface Row {
  /** With the keys that lead to it: `disks[].id`, `connections.NAME.type`. */
  readonly key: string
  readonly type: string
  readonly required: boolean
  readonly default?: string
  readonly description: string
}

/** The members of a map, and of what lies in it; `skip` names keys that are told elsewhere, and whose members are left out. */
export function rowsOf(schema: JsonSchema, root: JsonSchema, prefix: string, skip: ReadonlySet<string>): Row[] {
  const { properties = {}, required = [] } = schema
  return Object.entries(properties).flatMap(([name, member]) => {
    const key = prefix + name
    const row: Row = {
      key,
      type: typeText(member, root),
      required: required.includes(name),
      description: member.description ?? '',
      ...(member.default === undefined ? {} : { default: JSON.stringify(member.default) }),
    }
    return [row, ...(skip.has(key) ? [] : membersOf(member, root, key, skip))]
  })
}

// Parts of manifests have the manifest's own keys; data of any shape, which refers to itself, has none.
const part = /^#\/\$defs\/\w+_part$/
const any = /^#\/\$defs\/__/

/** What lies in a value that may be a map, a list of maps, or one of several things. */
function membersOf(schema: JsonSchema, root: JsonSchema, key: string, skip: ReadonlySet<string>): Row[] {
  if (part.test(schema.$ref ?? '') || any.test(schema.$ref ?? '')) return []
  const here = resolved(schema, root)
  const { items, additionalProperties: named } = here
  if (items) return membersOf(items, root, `${key}[]`, skip)
  if (here.properties) return rowsOf(here, root, `${key}.`, skip)
  if (typeof named === 'object') return membersOf(named, root, `${key}.NAME`, skip)
  const rows = (here.anyOf ?? here.oneOf ?? []).flatMap((one) => membersOf(one, root, key, skip))
  // What several alternatives have in common is told once.
  return [...new Map(rows.map((row) => [JSON.stringify([row.key, row.type]), row])).values()]
}

export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '')
  return name === undefined ? schema : { ...root.$defs?.[name], ...schema }
}

function typeText(schema: JsonSchema, root: JsonSchema): string {
  if (part.test(schema.$ref ?? '')) return 'part of a manifest'
  if (any.test(schema.$ref ?? '')) return 'anything'
  const here = resolved(schema, root)
  if (here.const !== undefined) return `\`${JSON.stringify(here.const)}\``
  if (here.enum) return here.enum.map((value) => `\`${value}\``).join(', ')
  const options = here.anyOf ?? here.oneOf
  if (options) return [...new Set(options.map((one) => typeText(one, root)))].join(' or ')
  switch (here.type) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `whole number${rangeText(here)}`
    case 'number':
      return `number${rangeText(here)}`
    case 'array':
      return here.items && Object.keys(here.items).length > 0 ? `list: ${typeText(here.items, root)}` : 'list'
    case 'object':
      return 'map'
    case 'null':
      return '`null`'
    default:
      return 'anything'
  }
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (least === undefined && most === undefined) return ''
  if (most === undefined) return `, ${least} or more`
  return least === undefined ? `, at most ${most}` : `, ${least} to ${most}`
}
