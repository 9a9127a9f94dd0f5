import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonFault } from '../../../src/core/language/json-fault.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'

// What JSON.parse takes and h2k does not.
const ownRules = /is there twice|"__proto__"|levels deep/

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function agrees(text: string): void {
  const fault = jsonFault(text)
  if (!parses(text)) expect(fault, text).toBeDefined()
  else if (fault) expect(fault.summary, text).toMatch(ownRules)
  expect(fault?.offset ?? 0).toBeLessThanOrEqual(text.length)
}

it('finds a fault where JSON.parse does, and no other', () => {
  const edited = fc
    .tuple(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom(...'{}[],:"\\ntf01.-+eE#/\' \n\t\u0001', 'null', '\\u00', '\u00a0'),
    )
    .map(([text, at, remove, insert]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + insert + text.slice(place + remove)
    })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.json().map((text) => `\n ${text}\t`),
        edited,
        fc.string(),
      ),
      agrees,
    ),
    { numRuns: fuzzRuns(5000) },
  )
})

it.each([
  '-',
  '-0',
  '01',
  '1e',
  '1e5',
  '.5',
  '5.',
  'nul',
  'nulll',
  'truefalse',
  '"\u0000"',
  '"\\u12"',
  '"\\',
  '[',
  '{"a":}',
  '[1 2]',
  '{"a":1 "b":2}',
  '{,}',
  '[,]',
  ':',
  '{"a":1}}',
  '"a" "b"',
])('agrees with JSON.parse on %j', agrees)
