import { execFileSync } from 'node:child_process'
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
  const disk = mixedDisk(40 * mib + 512 * 3)
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

// Threads take their time to start: each copy is looked at in every way.
describe.each(Object.entries(images))('a VMDK, %s', (name, image) => {
  test.each(['raw', 'qcow2'] as const)('becomes the same disk as %s, with its checksum and holes', async (format) => {
    const { path, sha256, progress } = await copied(image, join(folder, `${name}.${format}`), format)
    expect(compare(image, path, format)).toMatch(/identical/)
    expect(sha256).toBe(sha256Of(path))
    if (format === 'raw') {
      expect(sha256).toBe(sha256Of(raw))
      expect(statSync(path).size).toBe(statSync(raw).size)
      // Every other of its 14 stretches of data is in at most 28 grains, the others in six.
      expect(statSync(path).blocks * 512).toBeLessThan((7 * 28 + 8 * 6) * 65_536)
    } else expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(existsSync(partialName(path))).toBe(false)

    const here = await copied(image, join(folder, `here.${format}`), format, { small: true })
    expect(readFileSync(here.path).equals(readFileSync(path)), 'without threads').toBe(true)
    expect([here.sha256, here.progress.at(-1)]).toEqual([sha256, progress.at(-1)])
  })
})

test('the same image gives the same file each time', async () => {
  const image = images['streamOptimized as VMware writes it']
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async (name) => (await copied(image, join(folder, `${name}.qcow2`), 'qcow2')).path),
  )
  expect(readFileSync(first ?? '').equals(readFileSync(second ?? ''))).toBe(true)
})

describe.each([
  { type: 'zlib', level: 1 },
  { type: 'zlib', level: 9 },
  { type: 'zstd', level: 3 },
  { type: 'zstd', level: 9 },
] as const)('a qcow2 compressed with $type at level $level', (compression) => {
  test('holds the same disk, and is sound for qemu', async () => {
    const image = images['streamOptimized as VMware writes it']
    const name = `${compression.type}-${compression.level}.qcow2`
    const { path, sha256 } = await copied(image, join(folder, name), 'qcow2', { compression })
    expect(compare(image, path, 'qcow2')).toMatch(/identical/)
    expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
    expect(sha256).toBe(sha256Of(path))
    expect(qemuImg('info', path)).toContain(`compression type: ${compression.type}`)
  })
})

test('a higher level of compression gives a smaller file, with either compression', async () => {
  const image = images['streamOptimized by qemu']
  for (const type of ['zlib', 'zstd'] as const) {
    const [fast, small] = await Promise.all(
      [1, 9].map(async (level) => {
        const { path } = await copied(image, join(folder, `level-${type}-${level}.qcow2`), 'qcow2', {
          compression: { type, level },
        })
        return statSync(path).blocks
      }),
    )
    expect(small, type).toBeLessThan(fast ?? 0)
  }
})

describe('an overlay', () => {
  const backing = { path: images['streamOptimized by qemu'], format: 'vmdk' } as const
  const overlay = join(folder, 'overlay.qcow2')
  beforeAll(() => {
    qemuImg('create', '-q', '-f', 'qcow2', '-F', 'vmdk', '-b', backing.path, overlay)
    // A write over data, one into a hole, one across the end of a cluster; zeros and a discard over data.
    const commands = [
      'write -P 1 0 4k',
      'write -P 2 5M 100k',
      'write -P 3 9600000 70k',
      'write -z 3150000 64k',
      'discard 6M 1M',
    ]
    execFileSync('qemu-io', ['-f', 'qcow2', '-d', 'unmap', ...commands.flatMap((command) => ['-c', command]), overlay])
  })

  test.each([undefined, { type: 'zstd', level: 1 } as const])(
    'is read over what it lies on, compressed: %o',
    async (compression) => {
      const target = join(folder, `of-overlay-${compression?.type}.qcow2`)
      const options = { backing, ...(compression ? { compression } : {}) }
      const { path } = await copied({ path: overlay, format: 'qcow2' }, target, 'qcow2', options)
      expect(qemuImg('compare', '-f', 'qcow2', '-F', 'qcow2', overlay, path)).toMatch(/identical/)
      expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
    },
  )
})

describe.each(['raw', 'qcow2'] as const)('a %s image', (format) => {
  test('is compressed as qemu would see it', async () => {
    const image = join(folder, `plain.${format}`)
    qemuImg('convert', '-f', 'raw', '-O', format, raw, image)
    const compression = { type: 'zlib', level: 6 } as const
    const { path } = await copied({ path: image, format }, join(folder, `of-${format}.qcow2`), 'qcow2', { compression })
    expect(qemuImg('compare', '-f', 'raw', '-F', 'qcow2', raw, path)).toMatch(/identical/)
    expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
  })
})

test('a qcow2 with compressed clusters is left to qemu-img', async () => {
  const image = join(folder, 'compressed.qcow2')
  qemuImg('convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, image)
  await expect(copied({ path: image, format: 'qcow2' }, join(folder, 'never.qcow2'), 'qcow2')).rejects.toThrow(
    'left to others',
  )
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

describe('a copy without threads', () => {
  const image = images['streamOptimized as VMware writes it']

  test('of a damaged image says where, and leaves nothing behind', async () => {
    const bytes = readFileSync(image)
    const damaged = join(folder, 'damaged.vmdk')
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 4096)
    writeFileSync(damaged, bytes)
    const path = join(folder, 'damaged.qcow2')
    await expect(copied(damaged, path, 'qcow2', { small: true })).rejects.toMatchObject({
      problems: [{ code: 'IMAGE_CORRUPT', summary: expect.stringMatching(/ at byte \d+/) }],
    })
    expect([existsSync(path), existsSync(partialName(path))]).toEqual([false, false])
  })

  test('that is stopped leaves nothing behind, and lets others work meanwhile', async () => {
    const path = join(folder, 'stopped.qcow2')
    const stop = new AbortController()
    const copy = copied(image, path, 'qcow2', { small: true, signal: stop.signal })
    setTimeout(() => stop.abort(new Error('stopped')), 5)
    await expect(copy).rejects.toThrow('stopped')
    expect([existsSync(path), existsSync(partialName(path))]).toEqual([false, false])
  })
})
