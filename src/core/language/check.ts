import type { z } from 'zod'
import { isMap } from '../layer.ts'
import { nearest } from '../nearest.ts'
import { brief } from '../printable.ts'
import type { ProblemCode } from '../problem.ts'
import { expectation, suggestion } from './expectation.ts'
import { namesKind, notBuilt, valueNotBuilt } from './not-built.ts'
import { keysAt } from './schema-keys.ts'

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

// Nobody reads more of one file.
const maxIssues = 100

/** Checks a parsed file against its schema; keys that begin with `x-` are the user's own and are left out. */
export function check<S extends z.ZodType>(schema: S, parsed: unknown): Checked<z.infer<S>> {
  const result = schema.safeParse(withoutOwnKeys(parsed), { reportInput: true })
  if (result.success) return { value: result.data }
  const { issues: all } = result.error
  const issues = onePerValue(all.filter((issue) => !isMoot(issue, all)).flatMap((issue) => issuesOf(issue, schema)))
  if (issues.length <= maxIssues) return { issues }
  const more = `${issues.length - maxIssues} more of its values are wrong`
  return { issues: [...issues.slice(0, maxIssues), { code: 'VALUE_INVALID', path: [], summary: more }] }
}

function withoutOwnKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
}

// What is wrong with a map as a whole is worth a word only when its members are right.
function isMoot(issue: z.core.$ZodIssue, all: readonly z.core.$ZodIssue[]): boolean {
  if (issue.code !== 'custom') return false
  return all.some((other) => other.code !== 'custom' && issue.path.every((part, index) => part === other.path[index]))
}

// The schema tells both that a number is no safe integer and that it is too large: the narrower bound comes last.
function onePerValue(issues: readonly Issue[]): readonly Issue[] {
  const byPath = new Map(issues.map((issue) => [JSON.stringify(issue.path), issue]))
  const unclear = [...byPath.values()]
    .filter(({ code, path }) => code !== 'KEY_MISSING' && namesKind(path))
    .map(({ path }) => parentOf(path))
  return [...byPath.values()].filter(({ code, path }) => code !== 'KEY_UNKNOWN' || !unclear.includes(parentOf(path)))
}

function parentOf(path: Issue['path']): string {
  return JSON.stringify(path.slice(0, -1))
}

function issuesOf(issue: z.core.$ZodIssue, schema: z.ZodType): readonly Issue[] {
  const { path, input } = issue
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path, input)
    return issue.keys.map((key) => unknownKey([...path, key], key, known))
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) return wrongKind(issue, schema)
  // A map of the wrong content is told apart from something that is no map by how far its check came.
  const inside =
    issue.code === 'invalid_union'
      ? issue.errors.find((branch) => branch.some((inner) => inner.path.length > 0))
      : undefined
  if (inside) return inside.flatMap((inner) => issuesOf({ ...inner, path: [...path, ...inner.path] }, schema))
  const name = nameOf(path)
  if (input === undefined && path.length > 0) return [{ code: 'KEY_MISSING', path, summary: `${name} is missing` }]
  const feature = valueNotBuilt(path, input)
  if (feature !== undefined)
    return [{ code: 'NOT_BUILT', path, summary: `${name}: this version has no ${feature} yet` }]
  const empty = input === null || input === undefined ? 'is empty, and ' : ''
  const hint = suggestion(issue)
  return [
    {
      code: 'VALUE_INVALID',
      path,
      summary: `${name}${empty ? ' ' : ': '}${empty}${expectation(issue)}`,
      ...(hint === undefined ? {} : { hint }),
    },
  ]
}

// A map that does not say which of several kinds it is, or names one that there is not.
function wrongKind(issue: z.core.$ZodIssueInvalidUnion, schema: z.ZodType): readonly Issue[] {
  const { path, input, discriminator = '', options = [] } = issue as typeof issue & { readonly options?: string[] }
  const map = isMap(input) ? input : {}
  const written = Object.hasOwn(map, discriminator) ? map[discriminator] : undefined
  const around = path.slice(0, -1)
  const misspelt = Object.keys(map).filter((key) => written === undefined && nearest(key, [discriminator]))
  const wrong: z.core.$ZodIssueInvalidValue = {
    code: 'invalid_value',
    values: options,
    path,
    input: written,
    message: '',
  }
  return [...issuesOf(wrong, schema), ...misspelt.map((key) => unknownKey([...around, key], key, [discriminator]))]
}

function unknownKey(path: Issue['path'], key: string, known: readonly string[]): Issue {
  const feature = notBuilt(path)
  if (feature !== undefined) {
    const hint = 'remove the key, or wait for the version that honours it'
    return { code: 'NOT_BUILT', path, summary: `${nameOf(path)}: this version has no ${feature} yet`, hint }
  }
  const near = nearest(key, known)
  return {
    code: 'KEY_UNKNOWN',
    path,
    summary: `unknown key "${brief(key)}"`,
    hint: near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`,
  }
}

/** `disks[0].id`. */
function nameOf(path: Issue['path']): string {
  const name = path.reduce<string>((before, part) => {
    return typeof part === 'number' ? `${before}[${part}]` : `${before}${before && '.'}${String(part)}`
  }, '')
  return brief(name) || 'the file'
}
