import { expect, it } from 'vitest'
import { nearest } from '../../src/core/nearest.ts'

const keys = ['cpu', 'mem_gb', 'firmware', 'secureboot', 'tpm', 'machine_type', 'os_hint', 'disks', 'nics']

it.each([
  ['cpus', 'cpu'],
  ['CPU', 'cpu'],
  ['memgb', 'mem_gb'],
  ['secure_boot', 'secureboot'],
  ['secureBoot', 'secureboot'],
  ['fimrware', 'firmware'],
  ['machine-type', 'machine_type'],
  ['disk', 'disks'],
  ['discs', 'disks'],
  ['nic', 'nics'],
  ['tmp', undefined],
  ['x', undefined],
  ['', undefined],
  ['networking', undefined],
  ['constructor', undefined],
])('%j is meant for %s', (word, meant) => {
  expect(nearest(word, keys)).toBe(meant)
})

it('takes the first of two that are as near, and none of nothing', () => {
  expect(nearest('aXc', ['abc', 'adc'])).toBe('abc')
  expect(nearest('a', [])).toBeUndefined()
})

it('does not lose itself in long words', () => {
  expect(nearest('x'.repeat(1_000_000), keys)).toBeUndefined()
})
