import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMap, type JsonObject } from '../../src/core/layer.ts'
import { mergeLayers } from '../../src/core/merge.ts'
import { yaml } from './layer-texts.ts'

const merge = (...values: JsonObject[]) => mergeLayers(values.map((value) => ({ value })))
const mergeTexts = (...texts: string[]) => merge(...texts.map(yaml))

describe('merging', () => {
  it.each([
    ['maps merge', ['{vm: {cpu: 2, tpm: true}}', '{vm: {cpu: 4}}'], '{vm: {cpu: 4, tpm: true}}'],
    ['lists replace', ['{notes: [a, b]}', '{notes: [c]}'], '{notes: [c]}'],
    ['an empty list replaces, too', ['{notes: [a, b]}', '{notes: []}'], '{notes: []}'],
    ['a scalar replaces a map', ['{a: {b: 1}}', '{a: 2}'], '{a: 2}'],
    ['a map replaces a scalar', ['{a: 2}', '{a: {b: 1}}'], '{a: {b: 1}}'],
    ['a map replaces a list', ['{a: [1]}', '{a: {b: 1}}'], '{a: {b: 1}}'],
    ['null removes', ['{a: 1, b: 2}', '{a: null}'], '{b: 2}'],
    ['null removes inside', ['{a: {b: 1, c: 2}}', '{a: {b: null}}'], '{a: {c: 2}}'],
    ['null removes all of a map', ['{a: {b: 1}}', '{a: null}', '{a: {c: 1}}'], '{a: {c: 1}}'],
    ['null removes what is not there', ['{a: 1}', '{b: null, c: {d: null}}'], '{a: 1, c: {}}'],
    ['null in the weakest layer says nothing', ['{a: null, b: {c: null, d: 1}}'], '{b: {d: 1}}'],
    ['null inside a list is a value', ['{a: [1]}', '{a: [null, {b: null}]}'], '{a: [null, {b: null}]}'],
    ['a later layer brings back what one removed', ['{a: 1}', '{a: null}', '{a: 2}'], '{a: 2}'],
    [
      'false, 0 and the empty text are values',
      ['{a: true, b: 1, c: x}', '{a: false, b: 0, c: ""}'],
      '{a: false, b: 0, c: ""}',
    ],
    ['five layers', ['{a: 1}', '{b: 1}', '{a: 2, c: 1}', '{b: null}', '{c: {d: 1}}'], '{a: 2, c: {d: 1}}'],
  ])('%s', (_name, layers, expected) => {
    expect(mergeTexts(...layers)).toEqual(yaml(expected))
  })

  it('no layers come to nothing', () => {
    expect(mergeLayers([])).toEqual({})
  })

  it('keys that objects have anyway are keys like others', () => {
    const merged = mergeTexts(
      '{constructor: {a: 1}, toString: 1}',
      '{constructor: {b: 2}, hasOwnProperty: null, valueOf: {c: 1}}',
    )
    expect(Object.entries(merged)).toEqual([
      ['constructor', { a: 1, b: 2 }],
      ['toString', 1],
      ['valueOf', { c: 1 }],
    ])
  })

  it('__proto__ never reaches a prototype', () => {
    const hostile = (text: string): JsonObject => JSON.parse(text)
    const merged = merge(
      hostile('{"__proto__": {"polluted": 1}, "vm": {"__proto__": {"polluted": 2}}}'),
      hostile('{"__proto__": {"more": 1}, "vm": {"cpu": 1}, "constructor": {"prototype": {"polluted": 3}}}'),
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(merged.vm)).toBe(Object.prototype)
    expect(merged.polluted).toBeUndefined()
    expect(JSON.stringify(merged)).toBe(
      '{"__proto__":{"polluted":1,"more":1},"vm":{"__proto__":{"polluted":2},"cpu":1},"constructor":{"prototype":{"polluted":3}}}',
    )
    expect(JSON.stringify(merge(hostile('{"__proto__": 1, "a": 1}'), hostile('{"__proto__": null}')))).toBe('{"a":1}')
  })

  it('shares what a layer leaves as it was', () => {
    const weak = yaml('{vm: {cpu: 1}, pipeline: {convert: {enabled: true}, fix: {enabled: true}}}')
    const strong = yaml('{pipeline: {fix: {enabled: false}}, nics: [{id: a}], metadata: {tags: [b]}}')
    const merged = merge(weak, strong)
    expect(merged.vm).toBe(weak.vm)
    expect((merged.pipeline as JsonObject).convert).toBe((weak.pipeline as JsonObject).convert)
    expect(merged.nics).toBe(strong.nics)
    expect(merged.metadata).toBe(strong.metadata)
    expect(merge(weak, yaml('{vm: {cpu: 1}}'))).toBe(weak)
  })
})

// Keys come from a small set, so that layers meet.
const key = fc.constantFrom('a', 'b', 'c', 'constructor', 'toString', '__proto__')
const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }))
const json = fc.letrec<{ value: unknown; map: JsonObject }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.constant(null), fc.array(scalar, { maxLength: 2 }), tie('map')),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
})).map
// At the same key always a map, or never: `m…` holds maps.
const shaped = fc.letrec<{ map: JsonObject }>((tie) => ({
  map: fc
    .record(
      { x: scalar, y: scalar, z: fc.array(scalar, { maxLength: 2 }), m: tie('map'), n: tie('map') },
      { requiredKeys: [] },
    )
    .map((map) => ({ ...map })),
})).map

function nullOutsideLists(value: unknown): boolean {
  return value === null || (isMap(value) && Object.values(value).some(nullOutsideLists))
}

describe('for any layers', () => {
  it('the inputs stay what they are, and no null is left', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 4 }), (layers) => {
        const before = JSON.stringify(layers)
        const merged = merge(...layers)
        expect(JSON.stringify(layers)).toBe(before)
        expect(nullOutsideLists(merged)).toBe(false)
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
      }),
    )
  })

  it('merging the first of them beforehand changes nothing, whatever they hold', () => {
    fc.assert(
      fc.property(json, json, json, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, b, c))
      }),
    )
  })

  it('merging the last of them beforehand changes nothing, while maps stay maps and nothing is removed', () => {
    fc.assert(
      fc.property(shaped, shaped, shaped, (a, b, c) => {
        expect(merge(a, merge(b, c))).toEqual(merge(a, b, c))
      }),
    )
  })

  it('a layer twice is the same as once, and an empty one says nothing', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(merge(a, b, b)).toEqual(merge(a, b))
        expect(merge(a, {}, b)).toEqual(merge(a, b))
        expect(merge({}, a, b, {})).toEqual(merge(a, b))
      }),
    )
  })
})
