import { describe, expect, it } from 'vitest'
import { createWaves, unknownWave } from '../../src/core/waves.ts'

const waves = [
  { name: 'canary', machines: ['web-dev-*'] },
  { name: 'production', machines: ['web-*', 'db-[0-9]'] },
  { name: 'manual', machines: [] },
]

describe('the wave of a machine', () => {
  const { indexOf, has } = createWaves(waves)

  it.each([
    ['the first whose patterns fit', { name: 'web-dev-01' }, 0],
    ['by another pattern', { name: 'db-1' }, 1],
    ['the one that it asks for, whatever fits', { name: 'web-dev-01', wave: 'manual' }, 2],
    ['the last of all when none fits', { name: 'mail' }, 3],
    ['as if it had asked for none, when there is no such wave', { name: 'web-1', wave: 'gone' }, 1],
    ['none of an object', { name: 'mail', wave: 'constructor' }, 3],
  ])('%s', (_name, machine, expected) => {
    expect(indexOf(machine)).toBe(expected)
  })

  it('exists or not', () => {
    expect(['canary', 'manual', 'gone', 'toString'].filter(has)).toEqual(['canary', 'manual'])
  })
})

it('one that does not exist is told with those that do', () => {
  expect(unknownWave('cannary', waves, ['wave'])).toEqual({
    code: 'WAVE_UNKNOWN',
    path: ['wave'],
    summary: 'there is no wave "cannary"',
    hint: 'did you mean "canary"?',
  })
  expect(unknownWave('x', waves, ['wave']).hint).toBe('there are: canary, production, manual')
  expect(unknownWave('x', [], ['wave']).hint).toBe('add it under waves in h2k.yaml')
})
