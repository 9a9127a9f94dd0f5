import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMask } from '../../../src/adapters/hooks/mask.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'

/** What comes out when the text comes in pieces of `size`. */
function inPieces(secrets: readonly string[], text: string, size: number): string {
  let shown = ''
  const stream = createMask(secrets).stream((piece) => {
    shown += piece
  })
  for (let at = 0; at < text.length; at += size) stream.write(text.slice(at, at + size))
  stream.end()
  return shown
}

describe('a secret', () => {
  it.each([
    ['once', ['hunter22'], 'a hunter22 b', 'a *** b'],
    ['twice', ['hunter22'], 'hunter22, hunter22', '***, ***'],
    ['side by side', ['hunter22'], 'hunter22hunter22', '******'],
    ['that begins as another does', ['abcd', 'abcdef'], 'x abcdef y abcd z', 'x *** y *** z'],
    ['that ends as another begins', ['xyab', 'abcd'], '-xyabcd- -xyab- -abcd-', '-***- -***- -***-'],
    ['within another', ['bcde', 'abcdef'], '-abcdef- -bcde-', '-***- -***-'],
    ['that repeats itself', ['aaaa'], `${'a'.repeat(50)}b aaa`, '***b aaa'],
    ['that only begins', ['hunter22'], 'hunter2, hunter', 'hunter2, hunter'],
    ['in JSON', ['pass"wörd\\'], JSON.stringify({ a: 'pass"wörd\\' }), '{"a":"***"}'],
    ['in a URL', ['p@ss w/rd'], '?t=p%40ss%20w%2Frd&', '?t=***&'],
    ['in base64', ['hunter22'], `Basic ${btoa('hunter22')}`, 'Basic ***'],
    ['of several lines, line by line', ['-- BEGIN --\nAAAABBBBCCCC\n'], 'got AAAABBBBCCCC', 'got ***'],
    ['as a message prints it', ['line-1\nline-2'], 'x line-1\\u{a}line-2', 'x ***'],
    ['that is too short to be one', ['abc', ''], 'abc', 'abc'],
  ])('%s', (_, secrets, text, expected) => {
    expect(createMask(secrets).text(text)).toBe(expected)
    for (const size of [1, 2, 3, 5, 7, 11]) expect([size, inPieces(secrets, text, size)]).toEqual([size, expected])
  })
})

it('hands on at once what cannot be part of a secret', () => {
  const pieces: string[] = []
  const stream = createMask(['hunter22']).stream((piece) => pieces.push(piece))
  stream.write('plain hun')
  stream.write('gry')
  expect(pieces).toEqual(['plain ', 'hungry'])
})

it('keeps nothing of an endless secret', () => {
  let shown = ''
  const stream = createMask(['aaaa']).stream((piece) => {
    shown += piece
  })
  for (let count = 0; count < 2000; count++) stream.write('a'.repeat(1000))
  stream.end()
  expect(shown).toBe('***')
})

it('never comes through, however secrets overlap and pieces are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 })
  const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 8 })
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      text,
      fc.integer({ min: 1, max: 9 }),
      (secrets, all, size) => {
        const shown = inPieces(secrets, all, size)
        expect(shown).toBe(createMask(secrets).text(all))
        for (const one of secrets) expect(shown).not.toContain(one)
      },
    ),
    { numRuns: fuzzRuns(2000) },
  )
})
