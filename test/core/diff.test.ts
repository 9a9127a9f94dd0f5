import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffJson } from '../../src/core/diff.ts'
import { canonicalJson, type Json } from '../../src/core/json.ts'
import { fuzzRuns } from '../support/fuzz-runs.ts'

describe('the leaves in which two values differ', () => {
  const cases: [string, Json | undefined, Json | undefined, unknown][] = [
    ['nothing', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['another order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['a value', { a: 1 }, { a: 2 }, [{ path: 'a', from: 1, to: 2 }]],
    ['deep inside', { a: { b: { c: 'x' } } }, { a: { b: { c: 'y' } } }, [{ path: 'a.b.c', from: 'x', to: 'y' }]],
    ['a new key', { a: 1 }, { a: 1, b: { c: 2 } }, [{ path: 'b', to: { c: 2 } }]],
    ['a key that is gone', { a: 1, b: 2 }, { a: 1 }, [{ path: 'b', from: 2 }]],
    ['a key without a value is none', { a: 1, b: undefined }, { a: 1 }, []],
    ['null is not nothing', { a: null }, {}, [{ path: 'a', from: null }]],
    ['and the other way round', {}, { a: null }, [{ path: 'a', to: null }]],
    ['a map for a list', { a: [] }, { a: {} }, [{ path: 'a', from: [], to: {} }]],
    ['a text for a number', { a: 1 }, { a: '1' }, [{ path: 'a', from: 1, to: '1' }]],
    ['everything', undefined, { a: 1 }, [{ path: '', to: { a: 1 } }]],
    ['plain values', 1, 2, [{ path: '', from: 1, to: 2 }]],
    ['a longer list', { a: [1] }, { a: [1, 2] }, [{ path: 'a.1', to: 2 }]],
    ['a shorter list', { a: [1, 2] }, { a: [1] }, [{ path: 'a.1', from: 2 }]],
    [
      'members without ids, by place',
      { a: [1, 2] },
      { a: [2, 1] },
      [
        { path: 'a.0', from: 1, to: 2 },
        { path: 'a.1', from: 2, to: 1 },
      ],
    ],
    [
      'members by their ids',
      {
        disks: [
          { id: 'a', n: 1 },
          { id: 'b', n: 1 },
        ],
      },
      {
        disks: [
          { id: 'a', n: 1 },
          { id: 'b', n: 2 },
        ],
      },
      [{ path: 'disks.b.n', from: 1, to: 2 }],
    ],
    [
      'a member in front',
      { disks: [{ id: 'a' }] },
      { disks: [{ id: 'b' }, { id: 'a' }] },
      [{ path: 'disks.b', to: { id: 'b' } }],
    ],
    [
      'a member less',
      { disks: [{ id: 'b' }, { id: 'a' }] },
      { disks: [{ id: 'a' }] },
      [{ path: 'disks.b', from: { id: 'b' } }],
    ],
    [
      'the order of members',
      { disks: [{ id: 'a' }, { id: 'b' }] },
      { disks: [{ id: 'b' }, { id: 'a' }] },
      [{ path: 'disks.order', from: ['a', 'b'], to: ['b', 'a'] }],
    ],
    [
      'the order of a list that is all',
      [{ id: 'a' }, { id: 'b' }],
      [{ id: 'b' }, { id: 'a' }],
      [{ path: 'order', from: ['a', 'b'], to: ['b', 'a'] }],
    ],
    [
      'the order and a value',
      { disks: [{ id: 'a', n: 1 }, { id: 'b' }] },
      { disks: [{ id: 'b' }, { id: 'a', n: 2 }] },
      [
        { path: 'disks.a.n', from: 1, to: 2 },
        { path: 'disks.order', from: ['a', 'b'], to: ['b', 'a'] },
      ],
    ],
    [
      'ids that are there twice, by place',
      [
        { id: 'a', n: 1 },
        { id: 'a', n: 2 },
      ],
      [
        { id: 'a', n: 1 },
        { id: 'a', n: 3 },
      ],
      [{ path: '1.n', from: 2, to: 3 }],
    ],
    ['ids that some members lack, by place', [5, { id: '0' }], [6, { id: '0' }], [{ path: '0', from: 5, to: 6 }]],
    [
      'ids that only one side has, by place',
      [{ id: 'a' }],
      [{ n: 1 }],
      [
        { path: '0.n', to: 1 },
        { path: '0.id', from: 'a' },
      ],
    ],
    [
      'keys with names of all objects',
      { constructor: 1 },
      { toString: 1 },
      [
        { path: 'toString', to: 1 },
        { path: 'constructor', from: 1 },
      ],
    ],
  ]
  it.each(cases)('%s', (_name, from, to, changes) => {
    expect(diffJson(from, to)).toEqual(changes)
  })
})

it('finds something exactly where fingerprints differ', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), n: fc.nat(1) }), { maxLength: 4 }),
  ) as fc.Arbitrary<Json>
  fc.assert(
    fc.property(value, value, (from, to) => {
      expect(diffJson(from, to).length > 0).toBe(canonicalJson(from) !== canonicalJson(to))
    }),
    { numRuns: fuzzRuns(3000) },
  )
})
