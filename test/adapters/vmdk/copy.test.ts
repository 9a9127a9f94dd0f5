import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { partialName } from '../../../src/adapters/files/write-whole.ts'
import { qemuImg } from '../../support/machines.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { compare, copied, mib, mixedDisk, sha256Of } from './copies.ts'

const folder = sharedFolder()
const raw = join(folder, 'disk.raw')
const images = {
  'streamOptimized by qemu': join(folder, 'qemu-stream.vmdk'),
  'monolithicSparse by qemu': join(folder, 'qemu-sparse.vmdk'),
  'streamOptimized as VMware writes it': join(folder, 'vmware.vmdk'),
}

beforeAll(() => {
  const disk = mixedDisk(70 * mib + 512 * 3)
  writeFileSync(raw, disk)
  qemuImg(
    'convert',
    '-f',
    'raw',
    '-O',
    'vmdk',
    '-o',
    'subformat=streamOptimized',
    raw,
    images['streamOptimized by qemu'],
  )
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-S', '0', raw, images['monolithicSparse by qemu'])
  writeFileSync(images['streamOptimized as VMware writes it'], streamOptimized(disk))
})

describe.each(Object.entries(images))('a VMDK, %s', (name, image) => {
  test.each(['raw', 'qcow2'] as const)('becomes the same disk as %s, with its checksum', async (format) => {
    const { path, sha256, progress } = await copied(image, join(folder, `${name}.${format}`), format)
    expect(compare(image, path, format)).toMatch(/identical/)
    expect(sha256).toBe(sha256Of(path))
    if (format === 'raw') expect(sha256).toBe(sha256Of(raw))
    else expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(existsSync(partialName(path))).toBe(false)
  })

  test('gives the same file each time, and holes stay holes', async () => {
    const first = await copied(image, join(folder, 'first.qcow2'), 'qcow2')
    const second = await copied(image, join(folder, 'second.qcow2'), 'qcow2')
    expect(readFileSync(first.path).equals(readFileSync(second.path))).toBe(true)
    const { path } = await copied(image, join(folder, 'sparse.raw'), 'raw')
    expect(statSync(path).size).toBe(statSync(raw).size)
    // Each of its 23 stretches of data is in at most six grains.
    expect(statSync(path).blocks * 512).toBeLessThan(24 * 6 * 65_536)
  })
})

test('a disk inside of an archive is read where it lies', async () => {
  const disk = readFileSync(images['streamOptimized by qemu'])
  const archive = join(folder, 'web.ova')
  writeFileSync(archive, Buffer.concat([Buffer.alloc(1536, 'x'), disk, Buffer.alloc(10_240, 'y')]))
  const stretch = { offsetBytes: 1536, lengthBytes: disk.length }
  const { path } = await copied({ path: archive, format: 'vmdk', stretch }, join(folder, 'of-archive.raw'), 'raw')
  expect(sha256Of(path)).toBe(sha256Of(raw))
})

test('a disk without data becomes an empty one', async () => {
  const image = join(folder, 'empty.vmdk')
  qemuImg('create', '-f', 'vmdk', '-o', 'subformat=streamOptimized', image, '40M')
  const { path, sha256 } = await copied(image, join(folder, 'empty.qcow2'), 'qcow2')
  expect(compare(image, path, 'qcow2')).toMatch(/identical/)
  expect(sha256).toBe(sha256Of(path))
})

test('a sparse disk of terabytes costs what its data costs', async () => {
  const image = join(folder, 'huge.vmdk')
  qemuImg('create', '-f', 'vmdk', image, '2T')
  const { path } = await copied(image, join(folder, 'huge.qcow2'), 'qcow2')
  expect(JSON.parse(qemuImg('info', '--output=json', path))).toMatchObject({ 'virtual-size': 2 ** 41 })
  expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
})
