import { describe, expect, it } from 'vitest'
import { isRedone, select } from '../../src/app/selection.ts'

const names = ['web01', 'web02', 'db[1]', 'db1', 'line\nbreak']

describe('addresses with wildcards', () => {
  it.each([
    [['web*'], ['web01', 'web02']],
    [['machine.web0?'], ['web01', 'web02']],
    [['db[1]'], ['db[1]']],
    [['db[1]*'], ['db[1]']],
    [['line*break'], ['line\nbreak']],
  ])('%j', (only, selected) => {
    expect([...select(names, { only, exclude: [] })]).toEqual(selected)
  })

  it('leave out what is excluded', () => {
    expect([...select(names, { only: [], exclude: ['web*', 'line*'] })]).toEqual(['db[1]', 'db1'])
  })

  it('redo a machine with all of its stages, or one of them', () => {
    expect(isRedone(['web*'], 'web01', 'convert')).toBe(true)
    expect(isRedone(['web01/convert'], 'web01', 'convert')).toBe(true)
    expect(isRedone(['web01/convert'], 'web01', 'publish')).toBe(false)
  })
})
