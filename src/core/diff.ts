import { canonicalJson, type Json } from './json.ts'
import type { Place } from './problem.ts'

/** One field that differs, by its dotted path; members of a list that have an `id` are named by it. */
export interface FieldChange {
  readonly path: string
  readonly from?: Json
  readonly to?: Json
  /** Where git says the new value, as far as one key does. */
  readonly at?: Place
}

/** The leaves in which two values differ, in the order of the newer one; `….order` where a list's members moved. */
export function diffJson(from: Json | undefined, to: Json | undefined, path = ''): FieldChange[] {
  if (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to)) return []
  if (from === undefined && to === undefined) return []
  const both = membersOf(from, to)
  if (!both) return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
  const [before, after] = both
  const at = (key: string) => (path ? `${path}.${key}` : key)
  const keys = new Set([...after.keys(), ...before.keys()])
  const changes = [...keys].flatMap((key) => diffJson(before.get(key), after.get(key), at(key)))
  const kept = [...before.keys()].filter((key) => after.has(key))
  const moved = Array.isArray(to) ? [...after.keys()].filter((key) => before.has(key)) : kept
  if (kept.every((key, index) => key === moved[index])) return changes
  return [...changes, { path: at('order'), from: [...before.keys()], to: [...after.keys()] }]
}

type Members = ReadonlyMap<string, Json | undefined>

/** The members of two maps, or of two lists, by names that fit both. */
function membersOf(from: Json | undefined, to: Json | undefined): readonly [Members, Members] | undefined {
  if (Array.isArray(from) && Array.isArray(to)) {
    const byId = [idsOf(from), idsOf(to)] as const
    const [before, after] = byId[0] && byId[1] ? byId : [undefined, undefined]
    return [named(from, before), named(to, after)]
  }
  return isMap(from) && isMap(to) ? [new Map(Object.entries(from)), new Map(Object.entries(to))] : undefined
}

function named(list: readonly Json[], ids: readonly string[] | undefined): Members {
  return new Map(list.map((member, index) => [ids?.[index] ?? String(index), member]))
}

/** The id of each member; undefined unless all have one of their own. */
function idsOf(list: readonly Json[]): readonly string[] | undefined {
  const ids = list.map((member) => (isMap(member) && typeof member.id === 'string' ? member.id : undefined))
  const known = ids.filter((id) => id !== undefined)
  return new Set(known).size === list.length ? known : undefined
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
