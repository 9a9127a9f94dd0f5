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
    ['compressed', '{enabled: true, compress: true}', { preallocation: 'off', compression: 'zstd' }],
    [
      'compressed by zlib',
      '{enabled: true, compress: true, compression: zlib}',
      { preallocation: 'off', compression: 'zlib' },
    ],
    [
      'compressed at the level that it has',
      '{enabled: true, compress: true, compress_level: 3}',
      { preallocation: 'off', compression: 'zstd' },
    ],
    [
      'compressed at another level',
      '{enabled: true, compress: true, compress_level: 9}',
      { preallocation: 'off', compression: 'zstd', compressionLevel: 9 },
    ],
    [
      'compressed by zlib at a level that is not its own',
      '{enabled: true, compress: true, compression: zlib, compress_level: 3}',
      { preallocation: 'off', compression: 'zlib', compressionLevel: 3 },
    ],
    ['not compressed, whatever level', '{enabled: true, compress: false, compress_level: 9}', { preallocation: 'off' }],
    ['preallocated', '{enabled: true, preallocation: falloc}', { preallocation: 'falloc' }],
    ['past the memory', '{enabled: true, direct_io: true}', { preallocation: 'off', direct: true }],
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
      'a level past the memory',
      '{enabled: true, compress: true, compress_level: 9, direct_io: true}',
      '',
      `VALUE_INVALID ${at}.direct_io: qemu-img, which copies past the memory, knows no level of compression`,
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

describe('provisioning by the storage mapping', () => {
  const mapped = (mapping: string, rest = '') => machineOf(`${local}storage_mapping: {${mapping}}\n${rest}`).conversion
  it.each([
    ['thin', 'provisioning: thin', '', 'off'],
    ['thick', 'provisioning: thick', '', 'falloc'],
    ['thick in the old word', 'preallocate: true', '', 'falloc'],
    ['thick, and the old word says nothing', 'provisioning: thick, preallocate: false', '', 'falloc'],
    ['thick by raw', 'provisioning: thick, format_override: raw', '', 'falloc'],
    [
      'thick by written zeros',
      'provisioning: thick',
      'pipeline: {convert: {enabled: true, preallocation: full}}',
      'full',
    ],
    [
      'thick, whatever a block says that is off',
      'provisioning: thick',
      'pipeline: {convert: {enabled: false, compress: true, preallocation: off}}',
      'falloc',
    ],
    ['thin beside nothing', 'provisioning: thin', 'pipeline: {convert: {enabled: true, preallocation: off}}', 'off'],
  ])('%s', (_name, mapping, rest, preallocation) => {
    expect(mapped(mapping, rest)).toEqual({ preallocation })
  })

  it.each([
    ['provisioning: thin', 'preallocation: falloc', 'provisioning: thin', 'pipeline.convert.preallocation: falloc'],
    ['provisioning: thick', 'preallocation: off', 'provisioning: thick', 'pipeline.convert.preallocation: off'],
    ['preallocate: true', 'preallocation: metadata', 'preallocate: true', 'pipeline.convert.preallocation: metadata'],
    ['provisioning: thick', 'compress: true', 'provisioning: thick', 'pipeline.convert.compress: true'],
    ['provisioning: thin, preallocate: true', '', 'provisioning: thin', 'storage_mapping.preallocate: true'],
  ])('%s with %s is refused at both places', (mapping, convert, one, other) => {
    const text = `${local}storage_mapping: {${mapping}}\npipeline: {convert: {enabled: true, ${convert}}}\n`
    const summary = `storage_mapping.${one} contradicts ${other}`
    expect(resolve(text).issues).toEqual([
      `VALUE_INVALID storage_mapping.${one.split(':')[0]}: ${summary}`,
      `VALUE_INVALID ${other.split(':')[0]}: ${summary}`,
    ])
  })

  it('thick VDI is refused', () => {
    expect(resolve(`${local}storage_mapping: {provisioning: thick, format_override: vdi}\n`).issues).toEqual([
      'VALUE_INVALID storage_mapping.provisioning: disk boot: vdi cannot be allocated as a whole',
    ])
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
