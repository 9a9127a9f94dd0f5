import fc from 'fast-check'
import { expect } from 'vitest'
import { type Problem, problemsOf } from '../../../src/core/problem.ts'

const pieces = [
  ...'[]{}:,-?*&!|>\'"%@`#\\\t\n\r \0',
  '\ufeff', '\u2028', '\ud800', '\u{1f600}', '\u202e', '<<: ', '&a ', '*a ', '!!set ', '!!binary ', '- ', '? ', '--- ', '...\n', '%YAML 1.1\n---\n',
  '__proto__: ', 'constructor: ', 'toString', 'hasOwnProperty: ', 'no', '0777', '1e999', '-0', '.nan', '9'.repeat(40), '~', 'null', '""', '//', '/*', '  ', '\n  ', '[[[[[[[[', '"a": ', 'x-a: ',
] // biome-ignore format: a list of nasty things

interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: string
  readonly copyFrom: number
  readonly copy: number
}

/** A change of a text that often leaves it nearly right. */
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(2000),
  remove: fc.oneof(fc.constant(0), fc.nat(40)),
  insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 8 })),
  copyFrom: fc.nat(2000),
  copy: fc.oneof(fc.constant(0), fc.nat(200)),
})

export const edits = fc.array(edit, { minLength: 1, maxLength: 6 })

export function mutate(text: string, edits: readonly Edit[]): string {
  return edits.reduce((now, { at, remove, insert, copyFrom, copy }) => {
    const place = at % (now.length + 1)
    const from = copyFrom % (now.length + 1)
    return now.slice(0, place) + insert + now.slice(from, from + copy) + now.slice(place + remove)
  }, text)
}

/** Each has a place, and speaks to a person. */
export function expectTold(problems: readonly Problem[]): void {
  for (const { at, summary } of problems) {
    expect(at?.line, summary).toBeGreaterThan(0)
    expect(at?.column, summary).toBeGreaterThan(0)
    expect(summary).not.toMatch(/[\p{Cc}\p{Cs}]|\bundefined\b|\[object/u)
  }
}

/** Reads and resolves; a value or problems with places, and nothing else. */
export function survives(read: () => unknown): void {
  try {
    read()
  } catch (thrown) {
    const problems = problemsOf(thrown)
    if (problems === undefined) throw thrown
    expect(problems.length).toBeGreaterThan(0)
    expectTold(problems)
  }
}
