import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../../src/core/units.ts'

const kib = 1024
const mib = 1024 * kib
const gib = 1024 * mib

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [17, '17 B'],
    [17.4, '17 B'],
    [999, '999 B'],
    [1023, '0.999 KiB'],
    [1024, '1 KiB'],
    [512 * mib, '512 MiB'],
    [3.1 * gib, '3.1 GiB'],
    [1000 * mib, '0.977 GiB'],
    [212 * gib, '212 GiB'],
    [999.9 * gib, '0.976 TiB'],
    [2 ** 63, '8 EiB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('never needs more than three significant digits', () => {
    for (let bytes = 1; bytes < 2 ** 62; bytes = Math.ceil(bytes * 1.013)) {
      const digits = formatBytes(bytes).replace(/ .*/, '').replace('.', '').replace(/^0+/, '')
      expect(digits.length, formatBytes(bytes)).toBeLessThanOrEqual(3)
    }
  })
})

it.each([
  [0, '0 s'],
  [0.04, '0 s'],
  [0.4, '0.4 s'],
  [3, '3 s'],
  [9.96, '10 s'],
  [52.4, '52 s'],
  [59.7, '1 min'],
  [60, '1 min'],
  [192, '3 min 12 s'],
  [3599.6, '1 h'],
  [3600, '1 h'],
  [3840, '1 h 4 min'],
  [7199, '2 h'],
  [360_000, '100 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

it('formats rates and counts', () => {
  expect(formatRate(52 * mib)).toBe('52 MiB/s')
  expect(formatCount(1, 'disk')).toBe('1 disk')
  expect(formatCount(2, 'disk')).toBe('2 disks')
  expect(formatCount(0, 'disk')).toBe('0 disks')
})
