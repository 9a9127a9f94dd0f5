import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { swapMeter } from '../../../src/adapters/copy/copier.ts'
import { withOpenImage } from '../../../src/adapters/image-header.ts'
import type { ImageLocation } from '../../../src/core/image.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'
import {
  expectLeftOut,
  leftOutOf,
  makeNtfsDisk,
  type NtfsDisk,
  type NtfsKind,
  type NtfsOptions,
  ntfs,
  recordOf,
  swapped,
} from '../../support/ntfs-disk.ts'
import { restartPages } from '../../support/ntfs-log.ts'
import { change } from '../../support/swap-disk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { copied, mib, swapOn } from './copies.ts'

const folder = sharedFolder()
const never = new AbortController().signal
const meter = (image: ImageLocation) => swapMeter({ open: withOpenImage })(image, never)
const meterOf = ({ path }: NtfsDisk) => meter({ path, format: 'raw' })

let number = 0
const made = (kind: NtfsKind, options?: NtfsOptions) => makeNtfsDisk(join(folder, `disk${number++}.raw`), kind, options)

const gaps = { count: 40, bytes: mib + 12_288 }
const matrix: readonly (readonly [NtfsKind, 'raw' | 'vmdk', 'raw' | 'qcow2', NtfsOptions])[] = [
  ['gpt', 'raw', 'raw', { gaps }],
  ['mbr', 'vmdk', 'qcow2', { gaps }],
  ['logical', 'vmdk', 'raw', { clusterBytes: 512 }],
  ['none', 'raw', 'qcow2', { clusterBytes: 65_536 }],
]

test.each(matrix)('a disk of Windows (%s, %s) is copied to %s without what it swapped out', async (...args) => {
  const [kind, format, to, options] = args
  const disk = made(kind, options)
  expect(disk.areas.length).toBeGreaterThan(options.gaps ? 10 : 0)
  const source = format === 'raw' ? disk.path : `${disk.path}.vmdk`
  const vmdk = ['-O', 'vmdk', '-o', 'subformat=streamOptimized', disk.path, source]
  if (format !== 'raw') qemuImg('convert', '-f', 'raw', ...vmdk)
  const path = join(folder, `copy${number}.${to}`)
  const copy = await copied({ path: source, format }, path, to, { skipSwap: true })
  const raw = to === 'raw' ? path : `${path}.raw`
  if (to !== 'raw') qemuImg('convert', '-f', to, '-O', 'raw', path, raw)
  expectLeftOut(readFileSync(raw), disk)
  expect(copy.skippedBytes).toBe(leftOutOf(disk))
  expect(copy.skippedBytes).toBeGreaterThan(options.gaps ? 11 * mib : 13 * mib)
  expect(await meter({ path: source, format })).toBe(copy.skippedBytes)

  const volume = `${raw}.ntfs`
  writeFileSync(volume, readFileSync(raw).subarray(disk.at, disk.at + disk.bytes))
  expect(ntfs('ntfsfix', '-n', volume).toString()).toMatch(/processed successfully/)
  expect(ntfs('ntfsinfo', '-m', volume).toString()).toContain('Volume Flags: 0x0000')
  expect(ntfs('ntfscat', volume, 'other.sys').equals(Buffer.alloc(mib, 'other'))).toBe(true)
  expect(ntfs('ntfscat', volume, 'pagefile.sys.bak').equals(Buffer.alloc(mib, 'kept'))).toBe(true)
  expect(ntfs('ntfscat', volume, '$Extend/swapfile.sys').equals(Buffer.alloc(mib, 'kept'))).toBe(true)
  expect(ntfs('ntfscat', volume, 'PageFile.SYS').length).toBe(9 * mib)
  for (const file of [volume, raw, disk.path]) rmSync(file)
})

test('pagefile.sys that is so scattered that several records tell of it is left out', async () => {
  const disk = made('mbr', { gaps: { count: 600, bytes: 8192 }, files: { 'pagefile.sys': swapped(2 * mib) } })
  expect(disk.areas.length).toBeGreaterThan(250)
  expect(readFileSync(disk.path).readUInt8(attribute(disk, recordOf(disk, 'pagefile.sys'), 0x20))).toBe(0x20)
  expect(await swapOn(readFileSync(disk.path))).toEqual(disk.areas)
})

describe('a Windows that is hibernated', () => {
  test.each(['hibr', 'HIBR', 'RSTR'])('is refused: %s', async (hibernation) => {
    const problems = await meterOf(made('mbr', { hibernation })).then(() => undefined, problemsOf)
    expect(problems?.[0]).toMatchObject({
      code: 'GUEST_REFUSED',
      summary: expect.stringMatching(/hibernated, and hiberfil\.sys in its partition 2 holds its memory/),
      hint: expect.stringContaining('shutdown /s /f /t 0'),
    })
  })

  test('is refused when its log is not empty, too', async () => {
    const disk = made('gpt', { hibernation: 'HIBR' })
    change(disk.path, logOf(disk), 'RSTR')
    const problems = await meterOf(disk).then(() => undefined, problemsOf)
    expect(problems?.[0]).toMatchObject({ code: 'GUEST_REFUSED' })
  })

  test('cannot be told where hiberfil.sys begins with something else', async () => {
    expect(await meterOf(made('mbr', { hibernation: 'link' }))).toBe(0)
  })

  test('is not what left zeros there', async () => {
    const disk = made('mbr', { hibernation: '\0\0\0\0' })
    expect(await meterOf(disk)).toBe(leftOutOf(disk))
  })
})

/** Where a record of the MFT with this number is, and where the first run of its data begins. */
const systemRecord = ({ path, at, clusterBytes }: NtfsDisk, record: number) => {
  const mft = Number(readFileSync(path).readBigUInt64LE(at + 48)) * clusterBytes
  return at + mft + record * 1024
}
const logOf = (disk: NtfsDisk) => disk.at + firstCluster(disk, systemRecord(disk, 2)) * disk.clusterBytes

function attribute({ path }: NtfsDisk, record: number, type: number): number {
  const bytes = readFileSync(path).subarray(record, record + 1024)
  for (let at = bytes.readUInt16LE(20); bytes.readUInt32LE(at) <= type; at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) === type) return record + at
  }
  throw new Error(`no attribute ${type}`)
}

function firstCluster(disk: NtfsDisk, record: number): number {
  const bytes = readFileSync(disk.path)
  const data = attribute(disk, record, 0x80)
  const runs = data + bytes.readUInt16LE(data + 32)
  const head = bytes.readUInt8(runs)
  return bytes.readIntLE(runs + 1 + (head & 15), head >> 4)
}

const short = (value: number) => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

test.each([
  ['left cleanly', true],
  ['to be gone on with', false],
])('a volume with a log that is %s', async (_, clean) => {
  const disk = made('gpt')
  change(disk.path, logOf(disk), restartPages({ clean }))
  expect(await meterOf(disk)).toBe(clean ? leftOutOf(disk) : 0)
})

test('a volume that has shadow copies is copied whole, and is looked into for a hibernation nevertheless', async () => {
  const disk = made('gpt')
  // As VSS has it on a volume, without and with a place of its catalog.
  change(disk.path, disk.at + 0x1e00, Buffer.from('6b87083876c1484eb7ae04046e6cc752', 'hex'))
  expect(await meterOf(disk)).toBe(leftOutOf(disk))
  change(disk.path, disk.at + 0x1e30, Buffer.from([0, 0x40]))
  expect(await meterOf(disk)).toBe(0)
  const asleep = made('gpt', { hibernation: 'HIBR' })
  change(asleep.path, asleep.at + 0x1e00, readFileSync(disk.path).subarray(disk.at + 0x1e00, disk.at + 0x1e40))
  expect((await meterOf(asleep).then(() => undefined, problemsOf))?.[0]).toMatchObject({ code: 'GUEST_REFUSED' })
})

test('a repair that clears the log of a volume that was not left cleanly does not make its files of swap any', async () => {
  const disk = made('gpt')
  change(disk.path, logOf(disk), restartPages({ clean: false }))
  const overlay = `${disk.path}.overlay`
  qemuImg('create', '-q', '-f', 'qcow2', '-b', disk.path, '-F', 'raw', overlay)
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P 255 ${logOf(disk)} 8192`, overlay], { stdio: 'pipe' })
  const backing = { path: disk.path, format: 'raw' } as const
  const target = join(folder, `repaired${number}.raw`)
  const copy = await copied({ path: overlay, format: 'qcow2' }, target, 'raw', { skipSwap: true, backing })
  expect(copy.skippedBytes).toBe(0)
  expect(qemuImg('compare', '-f', 'qcow2', '-F', 'raw', overlay, target)).toMatch(/identical/)
})

describe('what is not a file of swap for sure is copied', () => {
  const page = (disk: NtfsDisk) => recordOf(disk, 'PageFile.SYS')
  const data = (disk: NtfsDisk) => attribute(disk, page(disk), 0x80)
  const sound = made('gpt')
  const spoil = async (change: (disk: NtfsDisk) => void, least: number, most: number) => {
    const disk = { ...sound, path: `${sound.path}.spoiled` }
    copyFileSync(sound.path, disk.path)
    change(disk)
    const found = await meterOf(disk)
    expect(found).toBeGreaterThanOrEqual(least)
    expect(found).toBeLessThanOrEqual(most)
  }

  test('where the rest is left out', async () => expect(await meterOf(sound)).toBe(leftOutOf(sound)))

  test.each<[string, (disk: NtfsDisk) => void]>([
    ['compressed', (disk) => change(disk.path, data(disk) + 12, short(1))],
    ['encrypted', (disk) => change(disk.path, data(disk) + 12, short(0x4000))],
    ['sparse', (disk) => change(disk.path, data(disk) + 12, short(0x8000))],
    ['a reparse point', (disk) => change(disk.path, data(disk), Buffer.from([0xc0]))],
    ['a directory', (disk) => change(disk.path, page(disk) + 22, short(3))],
    ['of several names', (disk) => change(disk.path, page(disk) + 18, short(2))],
    ['in another directory', (disk) => change(disk.path, attribute(disk, page(disk), 0x30) + 24, short(11))],
    ['larger than its runs', (disk) => change(disk.path, data(disk) + 41, Buffer.from([0xff]))],
  ])('pagefile.sys that is %s, and nothing else', async (_, change) => {
    await spoil(change, 4 * mib, 5 * mib)
  })

  test.each<[string, (disk: NtfsDisk) => void]>([
    ['that another record took the place of', (disk) => change(disk.path, page(disk) + 16, short(77))],
    [
      'whose list of records is damaged',
      (disk) => change(disk.path, attribute(disk, page(disk), 0x10), Buffer.from([0x20])),
    ],
    ['whose record is not in use', (disk) => change(disk.path, page(disk) + 22, short(0))],
    ['whose record was not written as a whole', (disk) => change(disk.path, page(disk) + 1022, short(0xbeef))],
    [
      'whose clusters are free',
      ({ path, at, clusterBytes, ...disk }) => {
        const bitmap = firstCluster(
          { path, at, clusterBytes, ...disk },
          systemRecord({ path, at, clusterBytes, ...disk }, 6),
        )
        const cluster = ((disk.areas.at(-1)?.start ?? 0) - at) / clusterBytes
        change(path, at + bitmap * clusterBytes + Math.ceil(cluster / 8), Buffer.from([0xef]))
      },
    ],
    ['on a volume whose log is damaged', (disk) => change(disk.path, logOf(disk) + 5, Buffer.from([0]))],
    [
      'on a volume that is dirty',
      (disk) => {
        const mirror = Number(readFileSync(disk.path).readBigUInt64LE(disk.at + 56)) * disk.clusterBytes + disk.at
        for (const record of [systemRecord(disk, 3), mirror + 3 * 1024]) {
          change(disk.path, attribute(disk, record, 0x70) + 24 + 10, short(1))
        }
      },
    ],
    [
      'with a MFT that is not what its copy says',
      (disk) => change(disk.path, attribute(disk, systemRecord(disk, 0), 0x80) + 0x48, Buffer.from([1])),
    ],
    ['in a partition of another type', ({ path }) => change(path, 1024 + 128, Buffer.alloc(16, 7))],
    ['under BitLocker', ({ path, at }) => change(path, at + 3, '-FVE-FS-')],
    ['under ZFS', ({ path, at }) => change(path, at + 65_536 + 64, '_BHRfS_M')],
    ['on a volume larger than its partition', ({ path, at }) => change(path, at + 43, Buffer.from([1]))],
  ])('anything on a disk with pagefile.sys %s', async (_, change) => {
    await spoil(change, 0, 0)
  })
})
