import { describe, expect, test } from 'vitest'
import { copyEngine } from '../../src/core/copy-engine.ts'
import type { Conversion } from '../../src/core/machine.ts'

const large = 2 ** 30
const plain: Conversion = { preallocation: 'off' }

describe('who copies', () => {
  test.each([
    ['a large sparse VMDK', { from: 'vmdk', variant: 'streamOptimized', to: 'qcow2', dataBytes: large }, plain, 'h2k'],
    [
      'one that is small',
      { from: 'vmdk', variant: 'streamOptimized', to: 'raw', dataBytes: 2 ** 20 },
      plain,
      'a small disk',
    ],
    ['a flat one', { from: 'vmdk', variant: 'vmfs', to: 'raw', dataBytes: large }, plain, 'reads vmdk vmfs'],
    ['to VDI', { from: 'vmdk', variant: 'streamOptimized', to: 'vdi', dataBytes: large }, plain, 'writes vdi'],
    ['raw to raw', { from: 'raw', variant: 'raw', to: 'raw', dataBytes: large }, plain, 'reads raw raw'],
    [
      'preallocated',
      { from: 'vmdk', variant: 'streamOptimized', to: 'raw', dataBytes: large },
      { preallocation: 'full' },
      'preallocates',
    ],
    [
      'past the memory',
      { from: 'vmdk', variant: 'streamOptimized', to: 'raw', dataBytes: large },
      { ...plain, direct: true },
      'copies past the memory',
    ],
    [
      'raw, compressed',
      { from: 'raw', variant: 'raw', to: 'qcow2', dataBytes: large },
      { ...plain, compression: 'zstd' },
      'h2k',
    ],
    [
      'VHD, compressed',
      { from: 'vhd', variant: 'dynamic', to: 'qcow2', dataBytes: large },
      { ...plain, compression: 'zlib' },
      'reads vhd dynamic',
    ],
    [
      'VHD, at a level',
      { from: 'vhd', variant: 'dynamic', to: 'qcow2', dataBytes: 1 },
      { ...plain, compression: 'zlib', compressionLevel: 9 },
      'h2k',
    ],
  ] as const)('%s', (_, facts, conversion, expected) => {
    const engine = copyEngine(facts, conversion)
    expect(engine.by === 'h2k' ? engine.by : engine.because).toBe(expected)
  })
})
