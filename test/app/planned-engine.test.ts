import { expect, test } from 'vitest'
import { engineWords } from '../../src/app/planned-engine.ts'
import { rawWrite } from '../../src/app/raw-write.ts'
import { skippedLines } from '../../src/app/skipped-swap.ts'
import type { ImageFormat } from '../../src/core/image.ts'
import type { Conversion, Machine } from '../../src/core/machine.ts'
import type { DiskUsage } from '../../src/ports/source.ts'

const gib = 2 ** 30
const plain: Conversion = { preallocation: 'off' }
const levelled: Conversion = { ...plain, compression: 'zstd', compressionLevel: 9 }

function machine(formats: Readonly<Record<string, ImageFormat>>, conversion: Conversion): Machine {
  const disks = Object.entries(formats).map(([id, format]) => ({
    id,
    from: { path: `/images/${id}`, format },
    to: { path: `/output/${id}.qcow2`, format: 'qcow2' },
  }))
  return { disks, conversion } as unknown as Machine
}

const found = (id: string, variant: string, rest: Partial<DiskUsage> = {}): DiskUsage => ({
  ...{ id, variant, fileBytes: gib, usedBytes: gib, ...rest },
})

test('a plan says of which disks qemu-img copies, and why', () => {
  const both = machine({ boot: 'vmdk', data: 'vhdx', logs: 'vhdx' }, plain)
  const usage = [found('boot', 'streamOptimized'), found('data', 'fixed'), found('logs', 'fixed')]
  expect(engineWords(both, usage)).toEqual(['on several threads', 'data and logs by qemu-img: a fixed VHDX'])
  expect(engineWords(machine({ data: 'vhdx' }, plain), usage.slice(1, 2))).toEqual(['by qemu-img: a fixed VHDX'])
})

test('of what is not here yet it says only what is certain', () => {
  const arrives = { not: 'it is qcow2' }
  const far = [found('boot', 'qcow2', { arrives, usedBytes: 1 }), found('data', 'vhd', { arrives })]
  const words = (conversion: Conversion) => engineWords(machine({ boot: 'qcow2', data: 'vhd' }, conversion), far)
  expect(words({ ...plain, compression: 'zstd' })).toEqual(['data by qemu-img: a VHD'])
  const skip = machine({ boot: 'qcow2', data: 'vhd' }, { ...plain, skip: ['swap'] })
  expect(skippedLines(skip, far)).toEqual([
    'boot: its swap is looked for when it is here, and stays behind unless only qemu-img reads the image',
    'data: swap is copied too, since qemu-img copies it',
  ])
})

test('the largest raw image that a disk is compressed from is counted, and none of what h2k reads', () => {
  const usage = [found('boot', 'streamOptimized', { usedBytes: 3 * gib }), found('data', 'fixed'), found('logs', 'v3')]
  const disks = { boot: 'vmdk', data: 'vhdx', logs: 'qcow2' } as const
  expect(rawWrite(machine(disks, levelled), usage)).toEqual({
    ...{ path: '/output/data.qcow2.raw', bytes: gib, meanwhile: 'copied' },
  })
  const compressed = [found('logs', 'v3', { usedBytes: 2 * gib, unusual: { unread: 'compressed clusters' } })]
  expect(rawWrite(machine(disks, levelled), [...usage.slice(0, 2), ...compressed])?.bytes).toBe(2 * gib)
  expect(rawWrite(machine({ boot: 'vmdk' }, levelled), usage)).toBeUndefined()
  expect(rawWrite(machine(disks, plain), usage)).toBeUndefined()
})
