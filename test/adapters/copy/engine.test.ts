import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { imageCopier, swapMeter } from '../../../src/adapters/copy/copier.ts'
import { sha256 } from '../../../src/adapters/files/digest.ts'
import { unwritable } from '../../../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../../../src/adapters/files/write-whole.ts'
import { readImageHeader, withOpenImage } from '../../../src/adapters/image-header.ts'
import { copyEngine } from '../../../src/core/copy-engine.ts'
import { type ImageFormat, kindOf } from '../../../src/core/image.ts'
import type { Conversion } from '../../../src/core/machine.ts'
import { qemuImg } from '../../support/machines.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { driverOf, kinds, makeImage, patched, sharedFolder } from '../image-header/images.ts'
import { mib, mixedDisk } from './copies.ts'

const folder = sharedFolder()
const raw = join(folder, 'disk.raw')
const never = new AbortController().signal
const work = { signal: never, progress: () => {}, confirm: async () => {} }
const copy = imageCopier({ open: withOpenImage, partialName, complete: completeFile, sha256, unwritable })
const meter = swapMeter({ open: withOpenImage })

const grains = (sectors: number) => (name: string) => {
  const path = join(folder, `${name}.vmdk`)
  writeFileSync(path, streamOptimized(readFileSync(raw), undefined, { grainSectors: sectors }))
  return path
}

const withoutMarkers = (name: string) => {
  return patched(grains(128)(`${name}.before`), join(folder, `${name}.vmdk`), (bytes) => {
    for (const at of [0, bytes.length - 2 * 512]) bytes.writeUInt32LE(0x10001, at + 8)
  })
}

const further: readonly { name: string; format: ImageFormat; make?: (name: string) => string; options?: string }[] = [
  { name: 'zstd without compressed clusters', format: 'qcow2', options: 'compression_type=zstd' },
  { name: 'clusters of 4 KiB', format: 'qcow2', options: 'cluster_size=4k' },
  { name: 'grains of 4 KiB', format: 'vmdk', make: grains(8) },
  { name: 'grains of 4 MiB', format: 'vmdk', make: grains(8192) },
  { name: 'grains without markers', format: 'vmdk', make: withoutMarkers },
]

// Part of it can be compressed.
beforeAll(() => writeFileSync(raw, mixedDisk(4 * mib)))

const matrix = (['raw', 'qcow2'] as const).flatMap((to) => [
  { to, repaired: false },
  { to, repaired: true },
])

// What a plan says follows from the header alone.
describe.each([
  ...kinds.map((kind) => ({ ...kind, make: () => makeImage(folder, raw, kind) })),
  ...further.map(({ make, ...kind }) => ({
    ...kind,
    make: () => make?.(kind.name) ?? makeImage(folder, raw, { ...kind, variant: '' }),
  })),
])('$format, $name', ({ name, format, make }) => {
  test('is copied by h2k itself where its header says so, and nowhere else', async () => {
    const path = format === 'raw' ? raw : make()
    const image = { path, format }
    const header = await readImageHeader(image, never)
    for (const { to, repaired } of matrix) {
      const facts = { ...kindOf(header), from: format, to, dataBytes: header.allocatedBytes, repaired }
      const conversion: Conversion = { preallocation: 'off', skip: ['swap'] }
      const { by } = copyEngine(facts, conversion)
      const overlay = join(folder, `${name}.${format}.overlay`)
      if (repaired) qemuImg('create', '-q', '-f', 'qcow2', '-b', path, '-F', driverOf(format), overlay)
      const made = await copy(
        repaired ? { image: { path: overlay, format: 'qcow2' }, backing: image } : { image },
        { path: join(folder, `${name}.${format}.copy`), format: to, key: 'test', small: true },
        work,
      )
      expect({ to, repaired, by: made ? 'h2k' : 'qemu-img' }).toEqual({ to, repaired, by })
      if (by === 'h2k') expect(await meter(image, never)).toBe(0)
    }
  })
})
