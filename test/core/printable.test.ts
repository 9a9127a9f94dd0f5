import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brief, fileNameOf, printable, printableSentence, unescaped } from '../../src/core/printable.ts'
import { fuzzRuns } from '../support/fuzz-runs.ts'
import { hostileNames } from './hostile-names.ts'

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...hostileNames))

describe('printable', () => {
  it.each([
    ['web01', 'web01'],
    ['Größe 😀 日本', 'Größe 😀 日本'],
    ['$(x) `y` <b> %s', '$(x) `y` <b> %s'],
    ['a\nb', 'a\\u{a}b'],
    ['\u001b[31m', '\\u{1b}[31m'],
    ['\u009b', '\\u{9b}'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['a\u2066b\u200d', 'a\\u{2066}b\\u{200d}'],
    ['\ud800', '\\u{d800}'],
    ['\uffff', '\\u{ffff}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['C:\\users', 'C:\\users'],
    ['\\u{1b}', '\\u{5c}u{1b}'],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('leaves nothing that a terminal acts on, and keeps different texts apart', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(unescaped(printable(text))).toBe(text)
      }),
      { numRuns: fuzzRuns(3000) },
    )
  })

  it('does not read what is no character', () => {
    expect(unescaped('\\u{110000} \\u{} \\u{zz} \\u{41}')).toBe('\\u{110000} \\u{} \\u{zz} A')
  })
})

it('is brief about long texts', () => {
  expect(brief('x'.repeat(80))).toBe('x'.repeat(80))
  expect(brief('😀'.repeat(1_000_000))).toBe(`${'😀'.repeat(79)}…`)
  expect(brief(`\u001b${'y'.repeat(300)}`)).toBe(`\\u{1b}${'y'.repeat(78)}…`)
})

describe('fileNameOf', () => {
  it.each([
    ['web01', 'web01'],
    ['web01.example.org', 'web01.example.org'],
    ['_x-1', '_x-1'],
    ['../a', '%2e.%2Fa'],
    ['..', '%2e.'],
    ['-o', '%2do'],
    ['.hidden', '%2ehidden'],
    ['$(x)', '%24%28x%29'],
    ['a\nb', 'a%0Ab'],
    ['a b', 'a%20b'],
    ['é', '%C3%A9'],
    ["it's!*~", 'it%27s%21%2a%7e'],
    ['', '%'],
  ])('%j', (name, file) => {
    expect(fileNameOf(name)).toBe(file)
  })

  it('is one plain name that a file system takes, whatever it was made of', () => {
    for (const name of hostileNames) {
      const file = fileNameOf(name)
      expect(file, name).toMatch(/^[A-Za-z0-9_%][A-Za-z0-9._%-]*$/)
      expect(file.length, name).toBeLessThanOrEqual(200)
    }
    fc.assert(
      fc.property(anyText, (name) => {
        expect(fileNameOf(name)).toMatch(/^[A-Za-z0-9_%][A-Za-z0-9._%-]{0,199}$/)
      }),
    )
  })

  it('keeps names apart, also where the file system ignores case', () => {
    const wellFormed = [...new Set(hostileNames.map((name) => name.toWellFormed().toLowerCase()))]
    expect(new Set(wellFormed.map((name) => fileNameOf(name).toLowerCase())).size).toBe(wellFormed.length)
    expect(fileNameOf(`${'x'.repeat(300)}1`)).not.toBe(fileNameOf(`${'x'.repeat(300)}2`))
  })
})

it('leaves what is safe in a sentence as it is', () => {
  const name = printable('a\u001b[31m\u202e')
  expect(printableSentence(`no "${name}",\u001b`)).toBe(`no "${name}",\\u{1b}`)
})
