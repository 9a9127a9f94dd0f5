import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ImageFormat, ImageHeader } from '../../../src/core/image.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { resumVhd, resumVhdx } from './checksums.ts'
import { descriptor, streamOptimized } from './esxi-vmdk.ts'
import { header, kinds, makeImage, mib, sector, sharedFolder } from './images.ts'

const folder = sharedFolder()
const raw = join(folder, 'disk.raw')
const disk = Buffer.alloc(mib)
disk.fill(1, 0, 1000)
disk.fill(2, 700_000, 700_001)

beforeAll(() => writeFileSync(raw, disk))

interface Mutant {
  readonly name: string
  readonly format: ImageFormat
  /** Makes the image; its file. */
  make(): string
}

const mutants: readonly Mutant[] = [
  ...kinds
    .filter(({ format }) => format !== 'raw')
    .map((kind) => ({ name: kind.name, format: kind.format, make: () => makeImage(folder, raw, kind) })),
  {
    name: 'vmdk with its directory at the end',
    format: 'vmdk',
    make: () => written('stream.vmdk', streamOptimized(disk)),
  },
  {
    name: 'vmdk descriptor',
    format: 'vmdk',
    make: () => {
      written('esxi-flat.vmdk', disk)
      return written('esxi.vmdk', descriptor('vmfs', ['RW 2048 VMFS "esxi-flat.vmdk"']))
    },
  },
]

/** The numbers at which bounds are, and any others. */
const values = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    2n,
    511n,
    0x7fffffffn,
    0xfffffffen,
    0xffffffffn,
    2n ** 40n,
    2n ** 54n,
    2n ** 63n,
    2n ** 64n - 1n,
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
)

const mutation = fc.record({
  /** Which of the sectors that are not all zeros, and where in it. */
  among: fc.nat(),
  at: fc.nat(sector - 1),
  value: values,
  width: fc.constantFrom(1, 2, 4, 8),
  bigEndian: fc.boolean(),
})

describe('an image whose bytes were changed is read or refused, in bounded time:', () => {
  for (const { name, format, make } of mutants) {
    test(name, async () => {
      const path = make()
      const sound = readFileSync(path)
      const sectors = filledSectors(sound)
      const changes = fc.record({
        mutations: fc.array(mutation, { minLength: 1, maxLength: 6 }),
        keep: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
        resum: fc.boolean(),
      })
      const property = fc.asyncProperty(changes, async ({ mutations, keep, resum }) => {
        const bytes = Buffer.from(keep === null ? sound : sound.subarray(0, Math.floor(sound.length * keep)))
        for (const { among, at, value, width, bigEndian } of mutations) {
          const field = Buffer.alloc(8)
          if (bigEndian) field.writeBigUInt64BE(BigInt.asUintN(width * 8, value) << BigInt(64 - width * 8))
          else field.writeBigUInt64LE(BigInt.asUintN(width * 8, value))
          const offset = (sectors[among % sectors.length] ?? 0) + at
          if (offset < bytes.length) field.copy(bytes, offset, 0, width)
        }
        if (resum && format === 'vhdx') resumVhdx(bytes)
        if (resum && format === 'vhd') resumVhd(bytes)
        writeFileSync(path, bytes)
        await readsOrRefuses(path, format)
      })
      await fc.assert(property, { numRuns: fuzzRuns(sound.length > mib ? 40 : 120) })
    })
  }

  test('a descriptor whose extent has any name', async () => {
    written('fine.vmdk', disk)
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^(\.\.?|[/\\]|etc|fine|\.vmdk|:|"|\n|RW 1 FLAT|#| ){0,8}$/),
    )
    const property = fc.asyncProperty(names, async (extent) => {
      await readsOrRefuses(written('named.vmdk', descriptor('vmfs', [`RW 1 VMFS "${extent}"`])), 'vmdk')
    })
    await fc.assert(property, { numRuns: fuzzRuns(300) })
  })
})

/** Whatever an image says, its header is within bounds and its files are in its folder; or there is a problem. */
async function readsOrRefuses(path: string, format: ImageFormat): Promise<void> {
  try {
    expectSane(await header(path, format), path)
  } catch (error) {
    const [found] = problemsOf(error) ?? []
    if (found === undefined) throw error
    expect(found.summary).not.toMatch(/[\0-\x1f\x7f]|NaN|undefined|Infinity/)
  }
}

function expectSane(found: ImageHeader, path: string): void {
  expect(Number.isSafeInteger(found.virtualBytes) && found.virtualBytes > 0).toBe(true)
  expect(found.virtualBytes).toBeLessThanOrEqual(64 * 2 ** 40)
  expect(Number.isSafeInteger(found.allocatedBytes) && found.allocatedBytes >= 0).toBe(true)
  expect(found.allocatedBytes).toBeLessThanOrEqual(found.virtualBytes)
  expect(found.files.map(dirname).filter((one) => one !== dirname(path))).toEqual([])
}

function filledSectors(bytes: Buffer): readonly number[] {
  const starts: number[] = []
  for (let at = 0; at < bytes.length; at += sector) {
    if (bytes.subarray(at, at + sector).some((byte) => byte !== 0)) starts.push(at)
  }
  return starts
}

function written(name: string, bytes: string | Buffer): string {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
