import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { detectImageFormat } from '../../../src/adapters/image-header.ts'
import { qemuImg } from '../../support/machines.ts'
import { driverOf, header, kinds, makeImage, mib, never, sector, sharedFolder } from './images.ts'

const folder = sharedFolder()
const raw = join(folder, 'disk.raw')
// Not whole megabytes, with data at both ends and holes between.
const bytes = 40 * mib + sector
const writtenBytes = mib + 64 * 1024 + sector

beforeAll(() => {
  qemuImg('create', '-q', '-f', 'raw', raw, String(bytes))
  const writes = [`write -q -P 1 0 1M`, `write -q -P 2 20M 64k`, `write -q -P 3 ${40 * mib} ${sector}`]
  execFileSync('qemu-io', ['-f', 'raw', ...writes.flatMap((write) => ['-c', write]), raw])
})

/** What qemu reads of it: the size of the disk, and the bytes that are not known to be zeros. */
function seenByQemu(path: string, driver: string): { readonly virtualBytes: number; readonly dataBytes: number } {
  const { 'virtual-size': virtualBytes } = JSON.parse(qemuImg('info', '-f', driver, '--output=json', path))
  const parts: { length: number; data: boolean; zero: boolean }[] = JSON.parse(
    qemuImg('map', '-f', driver, '--output=json', path),
  )
  const data = parts.filter((part) => part.data && !part.zero)
  return { virtualBytes, dataBytes: data.reduce((total, { length }) => total + length, 0) }
}

/** The files that qemu made beside a descriptor. */
function extentsOf(path: string): readonly string[] {
  const { name } = parse(path)
  const beside = readdirSync(folder).filter(
    (file) => file.startsWith(`${name}-`) && /-(?:flat|[sf]\d+)\.vmdk$/.test(file),
  )
  return beside.sort().map((file) => join(folder, file))
}

/** What was written, rounded up to the blocks of each format. */
const mostMib = { vmdk: 2, qcow2: 6, vhdx: 4, vhd: 6, vdi: 4, raw: 2 }

describe('an image that qemu-img made', () => {
  for (const kind of kinds) {
    test(`${kind.name}: its size, its data and its files are what qemu sees`, async () => {
      const path = kind.format === 'raw' ? raw : makeImage(folder, raw, kind)
      const found = await header(path, kind.format)
      const { virtualBytes, dataBytes } = seenByQemu(path, driverOf(kind.format))
      expect(found).toMatchObject({ format: kind.format, variant: kind.variant, virtualBytes })
      expect(found.allocatedBytes).toBeGreaterThanOrEqual(writtenBytes)
      // qemu cannot tell what a VHDX holds: to it, all is data.
      if (kind.format !== 'vhdx') expect(found.allocatedBytes).toBeGreaterThanOrEqual(dataBytes)
      const isFull = kind.variant === 'static' || kind.options === 'preallocation=metadata'
      expect(found.allocatedBytes).toBeLessThanOrEqual(isFull ? virtualBytes : mostMib[kind.format] * mib)
      expect(found.files).toEqual([path, ...extentsOf(path)])
      expect(await detectImageFormat(path, never)).toBe(kind.format)
    })
  }

  test('empty ones hold nothing', async () => {
    for (const { name, format, options } of kinds.filter(
      ({ variant, format }) => variant !== 'static' && format !== 'raw',
    )) {
      if (options === 'preallocation=metadata') continue
      const path = join(folder, `empty.${format}`)
      qemuImg('create', '-q', '-f', driverOf(format), ...(options ? ['-o', options] : []), path, '64M')
      // A file system counts a little more than was written to a flat file, such as a VHD's footer.
      expect((await header(path, format)).allocatedBytes, name).toBeLessThanOrEqual(64 * 1024)
    }
  })
})

describe('a disk that is split', () => {
  for (const [subformat, letter] of [
    ['twoGbMaxExtentSparse', 's'],
    ['twoGbMaxExtentFlat', 'f'],
  ] as const) {
    test(`${subformat}: every extent counts`, async () => {
      const path = join(folder, `split-${subformat}.vmdk`)
      qemuImg('create', '-q', '-f', 'vmdk', '-o', `subformat=${subformat}`, path, '5G')
      execFileSync('qemu-io', [
        '-f',
        'vmdk',
        '-c',
        'write -q 0 1M',
        '-c',
        'write -q 3G 1M',
        '-c',
        'write -q 4.5G 1M',
        path,
      ])
      const found = await header(path, 'vmdk')
      expect(found.virtualBytes).toBe(5 * 2 ** 30)
      expect(found.allocatedBytes).toBeGreaterThanOrEqual(3 * mib)
      expect(found.allocatedBytes).toBeLessThan(4 * mib)
      const extents = [1, 2, 3].map((number) => join(folder, `split-${subformat}-${letter}00${number}.vmdk`))
      expect(found.files).toEqual([path, ...extents])
    })
  }
})

describe('a raw disk', () => {
  test('that begins with a qcow2 header stays raw', async () => {
    const path = join(folder, 'guest-made.img')
    qemuImg('create', '-q', '-f', 'qcow2', '-b', '/etc/hostname', '-F', 'raw', path, '1M')
    const { size } = statSync(path)
    expect(await header(path, 'raw')).toMatchObject({
      format: 'raw',
      virtualBytes: Math.ceil(size / 512) * 512,
      files: [path],
    })
    expect(await detectImageFormat(path, never)).toBe('raw')
  })

  test('of part of a sector is rounded up, as qemu does', async () => {
    const path = join(folder, 'odd.raw')
    writeFileSync(path, Buffer.alloc(1000, 1))
    expect(await header(path, 'raw')).toMatchObject({ virtualBytes: 1024 })
  })
})
