import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatcher } from '../../src/core/glob.ts'

describe('a pattern', () => {
  it.each([
    ['web-*', ['web-', 'web-01', 'web-a\nb'], ['web', 'Web-01', 'xweb-01']],
    ['*', ['', 'anything'], []],
    ['*-tmp', ['-tmp', 'a-tmp', 'a-tmp-tmp'], ['tmp', 'a-tmp-1']],
    ['a*b*c', ['abc', 'aXbYbZc'], ['acb', 'ab', 'abcd']],
    ['web-?', ['web-1', 'web-😀'], ['web-', 'web-10']],
    ['web-0[1-3]', ['web-01', 'web-03'], ['web-04', 'web-0', 'web-0[1-3]']],
    ['web-[!0-9]*', ['web-a1', 'web-ab'], ['web-01', 'web-']],
    ['[]a]', [']', 'a'], ['b', '[]a]']],
    ['[!]a]', ['b'], [']', 'a']],
    ['[a-]', ['a', '-'], ['b']],
    ['[', ['['], ['']],
    ['a[b', ['a[b'], ['ab']],
    ['[!]', ['[!]'], ['!', 'a']],
    ['db.prod+(1)$', ['db.prod+(1)$'], ['dbxprod+(1)$', 'db.prod']],
    ['', [''], ['a']],
  ])('%s', (pattern, yes, no) => {
    const matches = globMatcher(pattern)
    expect(yes.filter((name) => !matches(name))).toEqual([])
    expect(no.filter(matches)).toEqual([])
  })

  it('of nothing but stars is no trap', () => {
    expect(globMatcher('a*'.repeat(50).concat('b'))('a'.repeat(10_000))).toBe(false)
  })

  it('fits as the regular expression that it stands for', () => {
    const characters = fc.constantFrom('a', 'b', '-', '*', '?')
    fc.assert(
      fc.property(
        fc.array(characters, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '-'), { maxLength: 10 }),
        (pattern, name) => {
          const expression = pattern.join('').replaceAll('?', '.').replaceAll('*', '.*')
          expect(globMatcher(pattern.join(''))(name.join(''))).toBe(new RegExp(`^${expression}$`).test(name.join('')))
        },
      ),
    )
  })
})
