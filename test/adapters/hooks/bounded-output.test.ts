import { expect, it } from 'vitest'
import { boundedOutput } from '../../../src/adapters/hooks/bounded-output.ts'

const million = 1024 * 1024

function bounded(pieces: Iterable<string>): { output: string; log: string } {
  let log = ''
  const output = boundedOutput((text) => {
    log += text
  })
  for (const piece of pieces) output.write(piece)
  return { output: output.end(), log }
}

it('keeps all of what is short', () => {
  expect(bounded(['a', '', 'b\n'])).toEqual({ output: 'ab\n', log: 'ab\n' })
})

it.each([1000, 65_536, 3 * million])('keeps the first and the last part of pieces of %i characters', (size) => {
  const text = Array.from({ length: 700_000 }, (_, index) => `${index}\n`).join('')
  const { output, log } = bounded(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [])
  const left = text.length - 2 * million
  expect(output).toBe(`${text.slice(0, million)}\n[… h2k left out ${left} characters …]\n${text.slice(-million)}`)
  expect(log).toBe(output)
})

it('says nothing of a gap where there is none', () => {
  const text = 'x'.repeat(2 * million)
  expect(bounded([text]).output).toBe(text)
})

it('cuts no character in two', () => {
  const text = `x${'\u{1f600}'.repeat(3 * million)}`
  const { output } = bounded([text])
  expect(output.isWellFormed()).toBe(true)
  expect(output).toContain('h2k left out')
})
