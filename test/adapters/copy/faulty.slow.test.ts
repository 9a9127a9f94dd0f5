import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { partialName } from '../../../src/adapters/files/write-whole.ts'
import { type Problem, problemsOf } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { sparseVmdk } from './any-vmdk.ts'
import { copied, mib, mixedDisk, sha256Of } from './copies.ts'

const folder = sharedFolder()
const disk = mixedDisk(9 * mib)
const image = streamOptimized(disk)
const sector = 512
/** VMware's first grain lies behind 128 sectors of header and descriptor. */
const firstGrain = 128 * sector
/** The footer names the directory, that the first table. */
const directoryAt = Number(image.readBigUInt64LE(image.length - 2 * sector + 56)) * sector
const tableAt = image.readUInt32LE(directoryAt) * sector
const whole = join(folder, 'whole.raw')
writeFileSync(whole, disk)
let count = 0

/** What the copy of a changed image ends in: the checksum of a raw disk, or the problems it is refused with. */
async function outcome(change: (bytes: Buffer) => void, of = image): Promise<string | readonly Problem[]> {
  const bytes = Buffer.from(of)
  const path = join(folder, `${count++}.vmdk`)
  const target = `${path}.raw`
  change(bytes)
  writeFileSync(path, bytes)
  try {
    const { sha256 } = await copied(path, target, 'raw')
    expect(sha256).toBe(sha256Of(target))
    return sha256
  } catch (error) {
    expect(existsSync(target)).toBe(false)
    expect(existsSync(partialName(target))).toBe(false)
    const problems = problemsOf(error)
    if (!problems) throw error
    return problems
  }
}

describe('an image that is not what it says is refused with the offset', () => {
  test.each<[string, string, (bytes: Buffer) => void]>([
    [
      'the marker of another grain',
      `marker of another grain at byte ${firstGrain}`,
      (b) => b.writeBigUInt64LE(128n, firstGrain),
    ],
    ['a grain that inflates to too little', 'inflates to', (b) => replaceGrain(b, deflateSync(Buffer.alloc(100)))],
    [
      'data that is damaged',
      `grain at byte ${firstGrain} that cannot be inflated`,
      (b) => b.fill(0xff, firstGrain + 20, firstGrain + 60),
    ],
    [
      'a grain longer than what follows it',
      `grain of 4294967295 bytes at byte ${firstGrain}`,
      (b) => b.writeUInt32LE(0xffffffff, firstGrain + 8),
    ],
    ['a grain of no length', `grain of 0 bytes at byte ${firstGrain}`, (b) => b.writeUInt32LE(0, firstGrain + 8)],
    [
      'two grains in one place',
      `two grains at byte ${firstGrain}`,
      (b) => b.copy(b, tableAt + 4, tableAt, tableAt + 4),
    ],
    ['a grain outside of the image', 'a grain of its disk is at byte', (b) => b.writeUInt32LE(0x7fffffff, tableAt)],
  ])('%s', async (_, message, change) => {
    expect(await outcome((bytes) => void change(bytes))).toMatchObject([
      { code: 'IMAGE_CORRUPT', summary: expect.stringContaining(message) },
    ])
  })
})

describe('grains that lie over each other in a flat extent are refused with the offset', () => {
  const kind = { grainSectors: 128, compressed: false, footer: false, zeroGrains: false, shuffle: [] }
  const flat = sparseVmdk(mixedDisk(40 * mib), kind)
  const directory = Number(flat.readBigUInt64LE(56)) * sector
  const [first, second] = [0, 4].map((at) => flat.readUInt32LE(directory + at) * sector) as [number, number]
  const entries = Array.from({ length: 512 }, (_, at) => first + at * 4).filter((at) => flat.readUInt32LE(at) > 0)
  const [one = 0, two = 0] = entries
  const last = entries.at(-1) ?? 0
  const place = flat.readUInt32LE(one)

  test.each<[string, RegExp, (bytes: Buffer) => void]>([
    ['in one place', /has two grains at byte \d+/, (b) => b.writeUInt32LE(place, two)],
    ['in one place, far apart on the disk', /has two grains at byte \d+/, (b) => b.writeUInt32LE(place, last)],
    [
      'a sector apart',
      /has a grain at byte \d+ that begins in the one at byte \d+/,
      (b) => b.writeUInt32LE(place + 1, last),
    ],
    ['a sector before the next', /that begins in the one at/, (b) => b.writeUInt32LE(place + 127, last)],
    [
      'by two entries for one table',
      /has two grains at byte \d+/,
      (b) => b.copy(b, directory + 4, directory, directory + 4),
    ],
  ])('%s', async (_, message, change) => {
    expect(second).toBeGreaterThan(first)
    expect(await outcome((bytes) => void change(bytes), flat)).toMatchObject([
      { code: 'IMAGE_CORRUPT', summary: expect.stringMatching(message) },
    ])
  })
})

test('whatever is changed in an image, the copy is right or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(image.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const ended = await outcome((bytes) => void bytes.writeUInt8((bytes[at] ?? 0) ^ flip, at))
      // A byte of the padding or of the descriptor may change nothing. One of a table may make a hole of a grain, which
      // nobody can tell; then it is one for qemu too.
      if (ended === sha256Of(whole) || typeof ended !== 'string') return
      const changed = join(folder, `${count - 1}.vmdk`)
      expect(qemuImg('compare', '-f', 'vmdk', '-F', 'raw', changed, `${changed}.raw`)).toMatch(/identical/)
    }),
    { numRuns: 30 },
  )
})

function replaceGrain(bytes: Buffer, data: Buffer): void {
  bytes.writeUInt32LE(data.length, firstGrain + 8)
  data.copy(bytes, firstGrain + 12)
}
