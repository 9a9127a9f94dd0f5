import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { swapMeter } from '../../../src/adapters/copy/copier.ts'
import { parseLvmText } from '../../../src/adapters/copy/swap/lvm-text.ts'
import { withOpenImage } from '../../../src/adapters/image-header.ts'
import type { ImageLocation } from '../../../src/core/image.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { lvmBeginning } from '../../support/lvm-volume.ts'
import { qemuImg } from '../../support/machines.ts'
import { change, expectSkipped, makeSwapDisk, type SwapDisk, swapIdentity } from '../../support/swap-disk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { copied, mib } from './copies.ts'

const folder = sharedFolder()
const never = new AbortController().signal
const page = 4096
const grain = 65_536
const zfs = `\x01\x01${'\0'.repeat(9)}\x01`
const meter = (image: ImageLocation) => swapMeter({ open: withOpenImage })(image, never)

let number = 0
const made = (kind: Parameters<typeof makeSwapDisk>[1]) => makeSwapDisk(join(folder, `disk${number++}.raw`), kind)

const matrix = [
  ['gpt', 'raw', 'raw', 'raw'],
  ['gpt', 'raw', 'raw', 'qcow2'],
  ['gpt', 'vmdk', 'streamOptimized', 'raw'],
  ['gpt', 'qcow2', '', 'raw'],
  ['mbr', 'vmdk', 'monolithicSparse', 'qcow2'],
  ['logical', 'vmdk', 'streamOptimized', 'qcow2'],
  ['none', 'raw', 'raw', 'raw'],
  ['lvm', 'vmdk', 'streamOptimized', 'raw'],
  ['lvm-disk', 'raw', 'raw', 'qcow2'],
] as const

describe('a disk with swap', () => {
  test.each(matrix)(
    'in partitions by %s is copied without it, from %s %s to %s',
    async (kind, format, subformat, to) => {
      const disk = made(kind)
      const source = format === 'raw' ? disk.path : `${disk.path}.${format}`
      const options = format === 'vmdk' ? ['-o', `subformat=${subformat}`] : []
      if (format !== 'raw') qemuImg('convert', '-f', 'raw', '-O', format, ...options, disk.path, source)
      const path = join(folder, `copy${number}.${to}`)
      const copy = await copied({ path: source, format }, path, to, { skipSwap: true })
      const raw = to === 'raw' ? path : `${path}.raw`
      if (to !== 'raw') qemuImg('convert', '-f', to, '-O', 'raw', path, raw)
      expectSkipped(readFileSync(raw), disk)
      expect(swapIdentity(raw, disk.swapAt)).toBe('LABEL=paging TYPE=swap UUID=0b5e7a0d-4a7c-4a7b-9d8e-7a3c0f4f3a11')
      expect(copy.skippedBytes).toBeGreaterThan(disk.swapBytes - 3 * grain)
      expect(await meter({ path: source, format })).toBe(copy.skippedBytes)
      expect(statSync(path).blocks * 512).toBeLessThan(statSync(disk.path).size - disk.swapBytes + mib)
    },
  )
})

test('swap of a disk under the overlay of its repair is left out, and what the repair wrote is not', async () => {
  const disk = made('gpt')
  const [vmdk, overlay] = [`${disk.path}.vmdk`, `${disk.path}.overlay`]
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk.path, vmdk)
  qemuImg('create', '-q', '-f', 'qcow2', '-b', vmdk, '-F', 'vmdk', overlay)
  const writes = [2 * mib, 20 * mib].flatMap((at) => ['-c', `write -P 7 ${at} 4096`])
  execFileSync('qemu-io', ['-f', 'qcow2', ...writes, overlay], { stdio: 'pipe' })
  for (const at of [2 * mib, 20 * mib]) change(disk.path, at, Buffer.alloc(4096, 7))
  const path = join(folder, `copy${number}.raw`)
  const backing = { path: vmdk, format: 'vmdk' } as const
  await copied({ path: overlay, format: 'qcow2' }, path, 'raw', { skipSwap: true, backing })
  expectSkipped(readFileSync(path), disk)
})

test('a copy that was stopped does not go on without swap that it had, or with swap that it had left out', async () => {
  const disk = made('gpt')
  for (const [first, then] of [
    [false, true],
    [true, false],
  ] as const) {
    const path = join(folder, `stopped${number++}.raw`)
    const stopping = new AbortController()
    const completing = () => {
      stopping.abort()
      throw new Error('stopped')
    }
    const source = { path: disk.path, format: 'raw' } as const
    const stopped = copied(source, path, 'raw', { skipSwap: first, signal: stopping.signal, completing })
    await expect(stopped).rejects.toThrow('stopped')
    await copied(source, path, 'raw', { skipSwap: then })
    if (then) expectSkipped(readFileSync(path), disk)
    else expect(readFileSync(path).equals(readFileSync(disk.path))).toBe(true)
  }
})

describe('what is not swap for sure is copied', () => {
  const kept = async (disk: SwapDisk) => expect(await meter({ path: disk.path, format: 'raw' })).toBe(0)
  const cases: readonly (readonly [string, (disk: SwapDisk) => void])[] = [
    ['a partition without what mkswap writes', ({ path, swapAt }) => change(path, swapAt + page - 10, 'NOTHING-AT')],
    ['a file system over it', ({ path, swapAt }) => change(path, swapAt + 1024, Buffer.from([0x00, 0x40, 0, 0]))],
    ['what boots or is encrypted over it', ({ path, swapAt }) => change(path, swapAt, 'LUKS')],
    ['RAID over it', ({ path, swapAt }) => change(path, swapAt + page, Buffer.from('fc4e2ba9', 'hex'))],
    ['btrfs over it', ({ path, swapAt }) => change(path, swapAt + grain + 64, '_BHRfS_M')],
    ['ZFS over it', ({ path, swapAt }) => change(path, swapAt + 16_384, zfs)],
    ['bcache over it', ({ path, swapAt }) => change(path, swapAt + page + 24, Buffer.from('c68573f6', 'hex'))],
    ['RAID over the whole disk', ({ path }) => change(path, page, Buffer.from('fc4e2ba9', 'hex'))],
    [
      'swap that is larger than its partition',
      ({ path, swapAt }) => change(path, swapAt + 1028, Buffer.from([0, 0, 1, 0])),
    ],
    ['another type of partition', ({ path }) => change(path, 446 + 16 + 4, Buffer.from([0x83]))],
    ['partitions that overlap', ({ path }) => change(path, 446 + 12, Buffer.from([0xff, 0xff, 1, 0]))],
    [
      'a partition behind the end of the disk',
      ({ path }) => change(path, 446 + 2 * 16 + 12, Buffer.from([0, 0, 0, 0x7f])),
    ],
    ['no partition table', ({ path }) => change(path, 510, Buffer.from([0, 0]))],
  ]
  test.each(cases)('%s', async (_, spoil) => {
    const disk = made('mbr')
    spoil(disk)
    await kept(disk)
  })

  test.each<[string, number, string]>([
    ['a label that is damaged', 512 + 32, 'Z'],
    ['metadata that is damaged', lvmBeginning().lastIndexOf('swap {'), 'SWAP'],
    ['a header of metadata that is damaged', 4096 + 24, 'Z'],
    ['a file system over it', 1024, 'ext'],
    ['ZFS over it', 16_384, zfs],
  ])('LVM with %s', async (_, at, bytes) => {
    const disk = made('lvm')
    change(disk.path, 3 * mib + at, bytes)
    await kept(disk)
  })

  test('LVM whose metadata says what cannot be', () => {
    const text = (stripes: string) => `vg { segment1 { stripes = ${stripes} } }`
    expect(parseLvmText(text('["pv0", 3]'))).toEqual({ vg: { segment1: { stripes: ['pv0', 3] } } })
    for (const wrong of [
      text('["pv0"'),
      text('[,]'),
      text('"open'),
      'vg {',
      '}',
      'a = ',
      'a b',
      'x { '.repeat(99),
      `a = ${'['.repeat(99_999)}`,
    ]) {
      expect(parseLvmText(wrong)).toBeUndefined()
    }
  })

  test('a damaged GPT', async () => {
    const header = made('gpt')
    change(header.path, 512 + 40, Buffer.from([1]))
    await kept(header)
    const entries = made('gpt')
    change(entries.path, 1024 + 3 * 128 + 40, Buffer.from([1]))
    await kept(entries)
  })

  test.each([
    [60, true],
    [70, false],
  ])('more partitions of swap than any guest has: %i', async (count, skipped) => {
    const { path, swapAt } = made('gpt')
    const small = Array.from({ length: count }, (_, index) => `start=${2048 + index * 8},size=8,type=S`)
    const layout = ['label: gpt', ...small, `start=${swapAt / 512},size=${(8 * mib) / 512},type=S`]
    execFileSync('sfdisk', ['-q', '--force', path], {
      input: layout.join('\n'),
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    })
    expect((await meter({ path, format: 'raw' })) ?? 0).toBe(skipped ? 8 * mib - grain : 0)
  })

  test('logical partitions in a circle', async () => {
    const disk = made('logical')
    const bytes = readFileSync(disk.path)
    const first = bytes.readUInt32LE(446 + 16 + 8) * 512
    // The second record points at the first one.
    const second = first + bytes.readUInt32LE(first + 446 + 16 + 8) * 512
    const back = Buffer.alloc(16)
    back.writeUInt8(5, 4)
    back.writeUInt32LE(0, 8)
    back.writeUInt32LE(100, 12)
    change(disk.path, second + 446 + 16, back)
    await kept(disk)
  })
})

test.each<[string, Parameters<typeof makeSwapDisk>[1], RegExp]>([
  ['S1SUSPEND', 'gpt', /hibernated, and its partition 2 holds/],
  ['LINHIB0001', 'mbr', /hibernated, and its partition 2 holds/],
  ['S1SUSPEND', 'lvm', /hibernated, and its logical volume testvg\/swap holds/],
])('a guest that is hibernated is refused: %s, %s', async (signature, kind, message) => {
  const disk = made(kind)
  change(disk.path, disk.swapAt + page - 10, signature)
  const problems = await meter({ path: disk.path, format: 'raw' }).then(() => undefined, problemsOf)
  expect(problems?.[0]).toMatchObject({ code: 'GUEST_REFUSED', summary: expect.stringMatching(message) })
})
