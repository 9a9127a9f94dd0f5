import { canonicalJson, type Json } from './json.ts'

/** One field that differs, by its dotted path; members of a list that have an `id` are named by it. */
export interface FieldChange {
  readonly path: string
  readonly from?: Json
  readonly to?: Json
}

/** The leaves in which two values differ, in the order of the newer one. */
export function diffJson(from: Json | undefined, to: Json | undefined, path = ''): FieldChange[] {
  if (canonicalJson(from) === canonicalJson(to)) return []
  const before = members(from)
  const after = members(to)
  if (!before || !after) {
    return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
  }
  const keys = new Set([...after.keys(), ...before.keys()])
  const changes = [...keys].flatMap((key) => diffJson(before.get(key), after.get(key), path ? `${path}.${key}` : key))
  // The same members in another order: only the list as a whole differs.
  return changes.length > 0
    ? changes
    : [{ path: path ? `${path}.order` : 'order', from: [...before.keys()], to: [...after.keys()] }]
}

function members(value: Json | undefined): Map<string, Json | undefined> | undefined {
  if (Array.isArray(value)) return new Map(value.map((member, index) => [idOf(member) ?? String(index), member]))
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value))
  return undefined
}

function idOf(member: Json): string | undefined {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return undefined
  const id = (member as { readonly id?: Json }).id
  return typeof id === 'string' ? id : undefined
}
