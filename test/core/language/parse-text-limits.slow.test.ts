import { expect, test } from 'vitest'
import { parseText } from '../../../src/core/language/parse-text.ts'
import { refusal } from '../../support/refusal.ts'

const yaml = (text: string) => parseText(new TextEncoder().encode(text), 'web.yaml')

// The parser's own check for equal keys would take minutes for these, and a stack for each error seconds.
test('a map of 30,000 keys is read', () => {
  const text = Array.from({ length: 30_000 }, (_, index) => `key${index}: ${index}\n`).join('')
  expect(Object.keys(yaml(text) as object)).toHaveLength(30_000)
}, 30_000)

test('half a million errors are refused', () => {
  expect(refusal(() => yaml('}'.repeat(500_000)))).toHaveLength(20)
}, 30_000)
