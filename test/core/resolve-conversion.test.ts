import { describe, expect, it } from 'vitest'
import { local, machineOf, resolve } from './machines.ts'

const conversion = (convert: string, rest = '') =>
  machineOf(`${local}pipeline: {convert: ${convert}}\n${rest}`).conversion
const issues = (convert: string, rest = '') => resolve(`${local}pipeline: {convert: ${convert}}\n${rest}`).issues

describe('the copy', () => {
  it.each([
    ['plain without a word', '{enabled: true}', { preallocation: 'off' }],
    [
      'plain when the block is off',
      '{enabled: false, compress: true, compression: zstd, preallocation: full}',
      { preallocation: 'off' },
    ],
    ['compressed', '{enabled: true, compress: true}', { preallocation: 'off', compression: 'zlib' }],
    [
      'compressed by zstd',
      '{enabled: true, compress: true, compression: zstd}',
      { preallocation: 'off', compression: 'zstd' },
    ],
    [
      'compressed at the level that it has',
      '{enabled: true, compress: true, compress_level: 6}',
      { preallocation: 'off', compression: 'zlib' },
    ],
    ['not compressed, whatever level', '{enabled: true, compress: false, compress_level: 9}', { preallocation: 'off' }],
    ['preallocated', '{enabled: true, preallocation: falloc}', { preallocation: 'falloc' }],
  ])('%s', (_name, convert, expected) => {
    expect(conversion(convert)).toEqual(expected)
  })

  it('plain without the block', () => {
    expect(machineOf(local).conversion).toEqual({ preallocation: 'off' })
    expect(conversion('{enabled: true, preallocation: full}', 'output: {format: raw}\n')).toEqual({
      preallocation: 'full',
    })
  })
})

describe('what would have no effect is refused', () => {
  const at = 'pipeline.convert'
  it.each([
    [
      'a level that qemu-img has not',
      '{enabled: true, compress: true, compress_level: 9}',
      '',
      `NOT_BUILT ${at}.compress_level: qemu-img compresses zlib at level 6 and zstd at its own level: 9 would have no effect`,
    ],
    [
      'a level of zstd',
      '{enabled: true, compress: true, compression: zstd, compress_level: 6}',
      '',
      `NOT_BUILT ${at}.compress_level: qemu-img compresses zlib at level 6 and zstd at its own level: 6 would have no effect`,
    ],
    [
      'compressed raw',
      '{enabled: true, compress: true}',
      'output: {format: raw}\n',
      `VALUE_INVALID ${at}.compress: disk boot: raw cannot be compressed`,
    ],
    [
      'compressed VDI',
      '{enabled: true, compress: true}',
      'output: {format: vdi}\n',
      `VALUE_INVALID ${at}.compress: disk boot: vdi cannot be compressed`,
    ],
    [
      'compressed and preallocated',
      '{enabled: true, compress: true, preallocation: full}',
      '',
      `VALUE_INVALID ${at}.preallocation: a compressed image cannot be preallocated`,
    ],
    [
      'metadata of raw',
      '{enabled: true, preallocation: metadata}',
      'output: {format: raw}\n',
      `VALUE_INVALID ${at}.preallocation: disk boot: raw has no preallocation "metadata"`,
    ],
    [
      'preallocated VDI',
      '{enabled: true, preallocation: full}',
      'output: {format: vdi}\n',
      `VALUE_INVALID ${at}.preallocation: disk boot: vdi has no preallocation "full"`,
    ],
  ])('%s', (_name, convert, rest, issue) => {
    expect(issues(convert, rest)).toEqual([issue])
  })
})

describe('validation', () => {
  it.each([
    ['absent', '', undefined],
    ['off', 'pipeline: {validate: {enabled: false, compare_source: true}}', undefined],
    ['on', 'pipeline: {validate: {enabled: true}}', { checkImage: true, compareSource: false }],
    [
      'with all of it',
      'pipeline: {validate: {enabled: true, check_image_integrity: false, compare_source: true}}',
      { checkImage: false, compareSource: true },
    ],
  ])('%s', (_name, text, expected) => {
    expect(machineOf(`${local}${text}`).validation).toEqual(expected)
  })
})
