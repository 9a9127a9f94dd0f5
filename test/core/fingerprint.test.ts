import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { fingerprint, uuidOf } from '../../src/core/fingerprint.ts'

it('is the sha256 of canonical JSON', () => {
  expect(fingerprint({ b: [1, null], a: 'é' })).toBe(
    createHash('sha256').update('{"a":"é","b":[1,null]}').digest('hex'),
  )
})

it.each([
  ['another order of keys', { a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 }],
  ['keys without a value', { a: 1 }, { a: 1, b: undefined }],
])('is the same for %s', (_name, one, other) => {
  expect(fingerprint(one)).toBe(fingerprint(other))
})

it.each([
  ['another order of a list', [1, 2], [2, 1]],
  ['text for a number', { a: 1 }, { a: '1' }],
  ['null for nothing', { a: null }, {}],
  ['a list for its member', { a: ['b'] }, { a: 'b' }],
  ['a key for a value', { a: 'b' }, { b: 'a' }],
])('differs for %s', (_name, one, other) => {
  expect(fingerprint(one)).not.toBe(fingerprint(other))
})

it('makes UUIDs that are well formed and the same for the same value', () => {
  for (let index = 0; index < 100; index++) {
    expect(uuidOf({ index })).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
  expect(uuidOf({ workspace: 'exit', machine: 'web01' })).toBe(uuidOf({ machine: 'web01', workspace: 'exit' }))
  // A domain that is defined keeps its UUID with every version of h2k.
  expect(uuidOf({ workspace: 'exit', machine: 'web01' })).toBe('b220d86d-358a-86fe-a303-4180ec72a674')
})
