import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { qemuImg } from '../../support/machines.ts'
import { sharedFolder } from '../image-header/images.ts'
import { type SparseKind, sparseVmdk } from './any-vmdk.ts'
import { compare, copied, mib, sha256Of } from './copies.ts'

const folder = sharedFolder()
let count = 0

const kind: fc.Arbitrary<SparseKind> = fc
  .record({
    grainSectors: fc.constantFrom(8, 16, 64, 128, 128, 256, 1024),
    compressed: fc.boolean(),
    footer: fc.boolean(),
    zeroGrains: fc.boolean(),
    shuffle: fc.array(fc.nat(), { maxLength: 8 }),
  })
  // Nobody but who deflates writes footers; only flat extents have entries of 1 in what qemu knows.
  .map((made) => ({ ...made, footer: made.compressed && made.footer, zeroGrains: !made.compressed && made.zeroGrains }))

/** Stretches of a disk: where each begins, in sectors, how long it is, and what it is full of; 0 are zeros that count as a hole. */
const stretches = fc.array(fc.tuple(fc.nat(40_000), fc.integer({ min: 1, max: 3000 }), fc.nat(255)), { maxLength: 12 })

test('every kind of sparse VMDK becomes what qemu makes of it', async () => {
  await fc.assert(
    fc.asyncProperty(kind, stretches, fc.integer({ min: 1, max: 40_000 }), async (kind, written, sectors) => {
      const disk = Buffer.alloc(sectors * 512)
      for (const [at, length, value] of written) {
        for (let byte = at * 512; byte < Math.min(disk.length, (at + length) * 512); byte++)
          disk[byte] = value === 255 ? (byte * 2654435761) >>> 13 : value
      }
      const name = join(folder, `${count++}`)
      const image = `${name}.vmdk`
      writeFileSync(image, sparseVmdk(disk, kind))
      writeFileSync(`${name}.expected`, disk)
      expect(qemuImg('compare', '-f', 'raw', '-F', 'vmdk', `${name}.expected`, image), 'the image').toMatch(/identical/)
      const raw = await copied(image, `${name}.raw`, 'raw')
      expect(raw.sha256).toBe(sha256Of(`${name}.expected`))
      expect(sha256Of(raw.path)).toBe(raw.sha256)
      if (kind.grainSectors === 128) {
        const { path } = await copied(image, `${name}.qcow2`, 'qcow2')
        expect(compare(image, path, 'qcow2')).toMatch(/identical/)
        expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
      }
      for (const made of ['vmdk', 'expected', 'raw', 'qcow2']) rmSync(`${name}.${made}`, { force: true })
    }),
    { numRuns: 30 },
  )
})

test('several grain tables, and grains far apart', async () => {
  const disk = Buffer.alloc(150 * mib)
  for (const at of [0, 31 * mib, 33 * mib, 100 * mib, 150 * mib - 512]) disk.fill(0x5a, at, at + 512)
  for (const compressed of [true, false]) {
    const image = join(folder, `tables-${compressed}.vmdk`)
    const kind = { grainSectors: 128, compressed, footer: compressed, zeroGrains: false, shuffle: [3, 1] }
    writeFileSync(image, sparseVmdk(disk, kind))
    const { path } = await copied(image, join(folder, `tables-${compressed}.qcow2`), 'qcow2')
    expect(compare(image, path, 'qcow2')).toMatch(/identical/)
  }
})
