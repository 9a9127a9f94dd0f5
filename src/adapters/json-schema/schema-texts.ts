import { RE2JS, RE2JSSyntaxException } from 're2js'
import type { Issue } from '../../core/language/check.ts'
import { brief } from '../../core/printable.ts'

type Path = readonly (string | number)[]

// What stands in these is data, whatever it is called.
const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

/** Patterns that h2k does not take: a regular expression may hang whoever tries it, so these are RE2's, which cannot. */
export function patternIssues(schema: unknown): readonly Issue[] {
  return textsOf(schema).flatMap(({ keyword, text, path }) => {
    const fault = keyword === 'pattern' ? patternFault(text) : undefined
    if (fault === undefined) return []
    const summary = `the pattern "${brief(text)}": ${brief(fault)}`
    return [{ code: 'VALUE_INVALID', path, summary, hint: 'patterns are those of RE2: without look-around' } as const]
  })
}

/** Where a schema refers to something; undefined when it does not. */
export function referencePath(schema: unknown, reference: string): Path | undefined {
  return textsOf(schema).find(({ keyword, text }) => keyword === '$ref' && reference.endsWith(text))?.path
}

// How many parts a schema may come to when each of its references is written out.
const maxParts = 100_000

/** Whether a schema grows beyond all bounds when its references are written out: whoever tries it would never end. */
export function isEndless(schema: unknown): boolean {
  const known = new Map<string, number>()
  const partsOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0
    const { $ref: reference } = value as { readonly $ref?: unknown }
    const members = Object.values(value).reduce<number>((sum, member) => sum + partsOf(member), 1)
    return typeof reference === 'string' ? members + referred(reference) : members
  }
  const referred = (reference: string): number => {
    const before = known.get(reference)
    if (before !== undefined) return before
    // Again in itself it is bounded by the value that is looked at.
    known.set(reference, 1)
    const parts = partsOf(atPointer(schema, reference))
    known.set(reference, parts)
    return parts
  }
  return partsOf(schema) > maxParts
}

function atPointer(schema: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((here, part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      return typeof here === 'object' && here !== null && Object.hasOwn(here, key)
        ? (here as Record<string, unknown>)[key]
        : undefined
    }, schema)
}

function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    return error.message.replace(/^error parsing regexp: /, '')
  }
}

interface Text {
  readonly keyword: 'pattern' | '$ref'
  readonly text: string
  readonly path: Path
}

/** Every pattern and every reference of a schema. The parser bounds how deep it lies. */
function textsOf(value: unknown, path: Path = []): readonly Text[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, [...path, index]))
  return Object.entries(value).flatMap(([key, member]): readonly Text[] => {
    const here = [...path, key]
    if (data.has(key)) return []
    if ((key === 'pattern' || key === '$ref') && typeof member === 'string') {
      return [{ keyword: key, text: member, path: here }]
    }
    const names =
      key === 'patternProperties' && typeof member === 'object' && member !== null ? Object.keys(member) : []
    return [
      ...names.map((text) => ({ keyword: 'pattern', text, path: [...here, text] }) as const),
      ...textsOf(member, here),
    ]
  })
}
