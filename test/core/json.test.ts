import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson, isDeeper } from '../../src/core/json.ts'

it('is JSON that means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

it('is one text for one value', () => {
  const shuffled = fc.dictionary(fc.string(), fc.jsonValue()).chain((map) => {
    const entries = Object.entries(map)
    return fc.shuffledSubarray(entries, { minLength: entries.length }).map((other) => [map, Object.fromEntries(other)])
  })
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      expect(canonicalJson(one)).toBe(canonicalJson(other))
    }),
  )
})

it('writes each text as JSON does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(canonicalJson({ [text]: text })).toBe(JSON.stringify({ [text]: text }))
    }),
  )
})

it.each([
  [1, 0, false],
  [[], 0, false],
  [[1], 0, true],
  [[1], 1, false],
  [{ a: { b: [] } }, 2, false],
  [{ a: { b: [] } }, 1, true],
])('%j is deeper than %i: %s', (value, depth, deeper) => {
  expect(isDeeper(value, depth)).toBe(deeper)
})

it('measures what no function could walk', () => {
  expect(isDeeper(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 100)).toBe(true)
  expect(
    isDeeper(
      Array.from({ length: 100_000 }, () => [1]),
      3,
    ),
  ).toBe(false)
})
