import { brief } from '../printable.ts'
import type { ProblemCode } from '../problem.ts'

/** Something wrong with the writing of a file, at a character of its text. */
export interface TextFault {
  readonly offset: number
  readonly summary: string
  /** `SYNTAX` unless it says otherwise. */
  readonly code?: ProblemCode
  readonly hint?: string
}

/** How deep lists and maps may lie in each other: whatever walks them may recurse. */
export const maxDepth = 100

/** What is wrong with a key of a map that has others already; undefined for nothing. */
export function keyFault(key: string, offset: number, others: ReadonlySet<string>): TextFault | undefined {
  if (others.has(key)) return { offset, summary: `the key "${brief(key)}" is there twice` }
  // Assigning it would change what an object is instead of what it holds.
  if (key === '__proto__') return { offset, code: 'KEY_UNKNOWN', summary: 'no key may be called "__proto__"' }
  return undefined
}
