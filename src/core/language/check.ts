import type { z } from 'zod'
import { nearest } from '../nearest.ts'
import { printable } from '../printable.ts'
import type { ProblemCode } from '../problem.ts'
import { notBuilt, valueNotBuilt } from './not-built.ts'

/** A finding on a value, before anyone knows its line. */
export interface Issue {
  readonly code: ProblemCode
  readonly path: readonly PropertyKey[]
  readonly summary: string
  readonly hint?: string
}

export type Checked<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly value?: undefined; readonly issues: readonly Issue[] }

/** Checks a parsed file against its schema; keys that begin with `x-` are the user's own and are left out. */
export function check<S extends z.ZodType>(schema: S, parsed: unknown): Checked<z.infer<S>> {
  const result = schema.safeParse(withoutOwnKeys(parsed), { reportInput: true })
  if (result.success) return { value: result.data }
  return { issues: result.error.issues.flatMap((issue) => issuesOf(issue, schema)) }
}

function withoutOwnKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (!Object.keys(value).some((key) => key.startsWith('x-'))) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
}

function issuesOf(issue: z.core.$ZodIssue, schema: z.ZodType): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path)
    return issue.keys.map((key) => unknownKey([...issue.path, key], key, known))
  }
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.toSorted((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0))[0]
    if (closest?.[0] && closest[0].path.length > 0) {
      return closest.flatMap((inner) => issuesOf({ ...inner, path: [...issue.path, ...inner.path] }, schema))
    }
  }
  const where = printable(issue.path.join('.'))
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [{ code: 'KEY_MISSING', path: issue.path, summary: `${where} is missing` }]
  }
  const feature = valueNotBuilt(issue.path, issue.input)
  if (feature) {
    return [{ code: 'NOT_BUILT', path: issue.path, summary: `${where}: this version has no ${feature} yet` }]
  }
  return [{ code: 'VALUE_INVALID', path: issue.path, summary: `${where || 'the file'}: ${expectation(issue)}` }]
}

function unknownKey(path: PropertyKey[], key: string, known: readonly string[]): Issue {
  const feature = notBuilt(path)
  if (feature) {
    return {
      code: 'NOT_BUILT',
      path,
      summary: `${path.filter((part) => typeof part === 'string').join('.')}: this version has no ${feature} yet`,
      hint: 'remove the key, or wait for the version that honours it',
    }
  }
  const near = nearest(key, known)
  return {
    code: 'KEY_UNKNOWN',
    path,
    summary: `unknown key "${printable(key)}"`,
    hint: near ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`,
  }
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'invalid_type':
      return `must be of type ${issue.expected}`
    case 'too_small':
      return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters long' : ''}`
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
    case 'invalid_format':
      return `must be ${issue.message}`
    default:
      return issue.message
  }
}

/** The keys that the schema knows at a path, for the hint. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: unknown = schema
  for (const part of path) {
    const def = definition(here)
    here = typeof part === 'number' ? def?.element : (shapeOf(def)?.[String(part)] ?? def?.valueType)
  }
  return Object.keys(shapeOf(definition(here)) ?? {})
}

function definition(schema: unknown): Record<string, unknown> | undefined {
  let def = (schema as { def?: Record<string, unknown> } | undefined)?.def
  while (def && 'innerType' in def) def = (def.innerType as { def?: Record<string, unknown> }).def
  return def
}

function shapeOf(def: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  return def?.shape as Record<string, unknown> | undefined
}
