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
    ['a flat one', { from: 'vmdk', variant: 'vmfs', to: 'raw', dataBytes: large }, plain, 'a vmfs VMDK'],
    ['to VDI', { from: 'vmdk', variant: 'streamOptimized', to: 'vdi', dataBytes: large }, plain, 'a VDI as the target'],
    ['raw to raw', { from: 'raw', variant: 'raw', to: 'raw', dataBytes: large }, plain, 'a plain copy of a raw image'],
    [
      'preallocated',
      { from: 'vmdk', variant: 'streamOptimized', to: 'raw', dataBytes: large },
      { preallocation: 'full' },
      'a preallocated target',
    ],
    [
      'past the memory',
      { from: 'vmdk', variant: 'streamOptimized', to: 'raw', dataBytes: large },
      { ...plain, direct: true },
      'direct_io',
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
      'a dynamic VHD',
    ],
    [
      'VHD, at a level',
      { from: 'vhd', variant: 'dynamic', to: 'qcow2', dataBytes: 1 },
      { ...plain, compression: 'zlib', compressionLevel: 9 },
      'h2k, from raw: a dynamic VHD',
    ],
    [
      'VMDK, at a level',
      { from: 'vmdk', variant: 'streamOptimized', to: 'qcow2', dataBytes: 1 },
      { ...plain, compression: 'zlib', compressionLevel: 9 },
      'h2k',
    ],
    ['one that nobody has seen yet', { from: 'vmdk', to: 'qcow2', dataBytes: large }, plain, 'h2k'],
    ['a VHDX that nobody has seen yet', { from: 'vhdx', to: 'qcow2', dataBytes: large }, plain, 'a VHDX'],
  ] as const)('%s', (_, facts, conversion, expected) => {
    const engine = copyEngine(facts, conversion)
    const from = 'rawFirst' in engine ? `, from raw: ${engine.rawFirst}` : ''
    expect(engine.by === 'h2k' ? `h2k${from}` : engine.because).toBe(expected)
  })
})

describe('who copies what is not as images mostly are', () => {
  const skip: Conversion = { ...plain, skip: ['swap'] }
  const small = { grainBytes: 4096 }
  test.each([
    ['small clusters to qcow2', { from: 'qcow2', unusual: small, to: 'qcow2' }, 'a qcow2 with clusters of 4 KiB'],
    ['small clusters to raw', { from: 'qcow2', unusual: small, to: 'raw' }, 'h2k'],
    [
      'small clusters under an overlay',
      { from: 'qcow2', unusual: small, to: 'raw', repaired: true },
      'a qcow2 with clusters of 4 KiB',
    ],
    ['small grains to qcow2', { from: 'vmdk', unusual: small, to: 'qcow2' }, 'a VMDK with grains of 4 KiB'],
    ['very large grains', { from: 'vmdk', unusual: { grainBytes: 2 ** 22 }, to: 'raw' }, 'a VMDK with grains of 4 MiB'],
    [
      'what its reader does not know',
      { from: 'qcow2', unusual: { unread: 'compressed clusters' }, to: 'raw' },
      'a qcow2 with compressed clusters',
    ],
  ] as const)('%s', (_, facts, expected) => {
    const variant = facts.from === 'vmdk' ? 'monolithicSparse' : 'v3'
    const engine = copyEngine({ variant, dataBytes: large, ...facts }, skip)
    expect(engine).toEqual(expected === 'h2k' ? { by: 'h2k' } : { by: 'qemu-img', because: expected })
    const levelled = copyEngine(
      { variant, dataBytes: large, ...facts },
      { ...skip, compression: 'zstd', compressionLevel: 9 },
    )
    expect(levelled).toEqual(expected === 'h2k' ? { by: 'h2k' } : { by: 'h2k', rawFirst: expected })
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
    { by: 'qemu-img', because: 'a preallocated target' },
  ],
  ['without its swap', { to: 'qcow2', dataBytes: 0 }, { ...plain, skip: ['swap'] }, { by: 'h2k' }],
] as const)('a VMDK with hardly any data %s', (_, facts, conversion, expected) => {
  expect(copyEngine({ from: 'vmdk', variant: 'monolithicSparse', ...facts }, conversion)).toEqual(expected)
})
