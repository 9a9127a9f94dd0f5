import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/core/language/manifest.ts'
import { mergeLayers } from '../../src/core/merge.ts'
import { uselessKeys } from '../../src/core/useless-keys.ts'
import { layer } from './layer-texts.ts'

const useless = (...converts: readonly string[]) => {
  const layers = converts.map((convert) => layer(`pipeline: {convert: ${convert}}\n`))
  const manifest = mergeLayers(layers) as unknown as Manifest
  return uselessKeys(manifest, layers).map(({ summary }) => summary)
}

describe('keys that have no effect are named', () => {
  it.each([
    [['{enabled: true, compression: zstd, compress_level: 6}'], ['compression', 'compress_level'], 'compress'],
    [['{enabled: true, compress: false, compression: zstd}'], ['compression'], 'compress'],
    [['{enabled: true, compress: false}', '{compression: zstd}'], ['compression'], 'compress'],
    [['{enabled: false, compress: true, preallocation: full}'], ['compress', 'preallocation'], 'enabled'],
    [['{enabled: false}', '{compress: true}'], ['compress'], 'enabled'],
  ])('%s', (converts, keys, needed) => {
    expect(useless(...converts)).toEqual(
      keys.map((key) => `pipeline.convert.${key} has no effect without ${needed}: true`),
    )
  })
})

describe('but not those that', () => {
  it.each([
    ['have one', ['{enabled: true, compress: true, compression: zstd, compress_level: 6}']],
    ['only say what happens anyway', ['{enabled: false, compress: false, preallocation: "off"}']],
    ['a stronger layer switched off', ['{enabled: true, compress: true, compression: zstd}', '{compress: false}']],
    ['are off with all of it', ['{enabled: true, compress: true, preallocation: full}', '{enabled: false}']],
  ])('%s', (_name, converts) => {
    expect(useless(...converts)).toEqual([])
  })
})
