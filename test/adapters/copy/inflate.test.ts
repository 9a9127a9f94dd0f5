import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inflater, reusedZlib } from '../../../src/adapters/copy/inflate.ts'
import { libdeflate, whyNoLibdeflate } from '../../../src/adapters/copy/libdeflate.ts'

const grainBytes = 65_536
const grain = Buffer.concat([randomBytes(20_000), Buffer.alloc(grainBytes - 20_000, 'abcdefg')])
const deflated = deflateSync(grain)
/** In the midst of a file, into a slot that threads share. */
const file = Buffer.concat([randomBytes(777), deflated, randomBytes(777)])
const shared = () => Buffer.from(new SharedArrayBuffer(grainBytes + 4096), 4096)

test('libdeflate, which the setup installs, is used', () => {
  expect(whyNoLibdeflate()).toBe(undefined)
})

describe.each([
  ['libdeflate', libdeflate()],
  ['zlib', reusedZlib()],
])('%s', (_, whole) => {
  const inflate = inflater(whole)

  test('is there, and takes a whole grain itself', () => {
    const into = shared()
    expect(whole?.(file, 777, deflated.length, into)).toBe(true)
    expect(into.equals(grain)).toBe(true)
  })

  test('a grain that is shorter than its room says how long it is', () => {
    const short = deflateSync(grain.subarray(0, 1000))
    const into = shared()
    expect(inflate(short, 0, short.length, into)).toBe(1000)
    expect(into.subarray(0, 1000).equals(grain.subarray(0, 1000))).toBe(true)
  })

  test.each([
    ['a byte of the data is another', () => Buffer.from(deflated).fill(1, 500, 501), deflated.length],
    ['a byte of the checksum is another', () => Buffer.from(deflated).fill(1, deflated.length - 2), deflated.length],
    ['it ends early', () => deflated, deflated.length - 1],
    ['it holds more than a grain', () => deflateSync(Buffer.alloc(grainBytes + 1)), undefined],
    ['it is no zlib stream', () => randomBytes(3000), undefined],
  ])('a grain of which %s is refused', (_, bytes, length) => {
    const wrong = bytes()
    expect(() => inflate(wrong, 0, length ?? wrong.length, shared())).toThrow()
  })

  test('what is wrong does not spoil the next grain', () => {
    expect(() => inflate(randomBytes(3000), 0, 3000, shared())).toThrow()
    const into = shared()
    expect(inflate(file, 777, deflated.length, into)).toBe(grainBytes)
    expect(into.equals(grain)).toBe(true)
  })
})
