import { expect, it } from 'vitest'
import { cutTo, fitTo, widthOf } from '../../src/render/width.ts'

it.each([
  ['web01', 5],
  ['bücher', 6],
  ['仮想機械', 8],
  ['가상', 4],
  ['vm🚀', 4],
  ['Ａ', 2],
])('%s takes %d columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})

it('cuts at a character, never through one, and never wider than asked', () => {
  expect(cutTo('web01', 5)).toBe('web01')
  expect(cutTo('web0123', 5)).toBe('web0…')
  expect(cutTo('仮想機械', 8)).toBe('仮想機械')
  expect(cutTo('仮想機械', 7)).toBe('仮想機…')
  expect(cutTo('仮想機械', 6)).toBe('仮想…')
  expect(cutTo('🚀🚀', 2)).toBe('…')
  expect(cutTo('web01', 0)).toBe('')
})

it('fills up to the columns', () => {
  expect(fitTo('仮想', 6)).toBe('仮想  ')
  expect(fitTo('web0123', 5)).toBe('web0…')
})
