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

test.each([
  ['to qcow2', { to: 'qcow2', dataBytes: 4 * 2 ** 20 }, plain, { by: 'h2k', small: true }],
  ['with more data', { to: 'qcow2', dataBytes: 4 * 2 ** 20 + 1 }, plain, { by: 'qemu-img', because: 'a small disk' }],
  // Its holes are hashed too.
  ['to raw', { to: 'raw', dataBytes: 0 }, plain, { by: 'qemu-img', because: 'a small disk' }],
  [
    'compressed',
    { to: 'qcow2', dataBytes: 0 },
    { ...plain, compression: 'zstd' },
    { by: 'qemu-img', because: 'a small disk' },
  ],
  [
    'preallocated',
    { to: 'qcow2', dataBytes: 0 },
    { preallocation: 'full' },
    { by: 'qemu-img', because: 'preallocates' },
  ],
  ['without its swap', { to: 'qcow2', dataBytes: 0 }, { ...plain, skip: ['swap'] }, { by: 'h2k' }],
] as const)('a VMDK with hardly any data %s', (_, facts, conversion, expected) => {
  expect(copyEngine({ from: 'vmdk', variant: 'monolithicSparse', ...facts }, conversion)).toEqual(expected)
})
