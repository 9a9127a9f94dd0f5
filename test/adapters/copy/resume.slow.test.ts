import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Compression } from '../../../src/adapters/copy/messages.ts'
import { partialName } from '../../../src/adapters/files/write-whole.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { compare, copied, mib, mixedDisk, sha256Of } from './copies.ts'

const folder = sharedFolder()
const image = join(folder, 'disk.vmdk')
beforeAll(() => writeFileSync(image, streamOptimized(mixedDisk(96 * mib))))

interface Kind {
  readonly name: string
  readonly format: 'raw' | 'qcow2'
  readonly compression?: Compression
}

const checkpointFile = (path: string) => `${partialName(path)}.done`
const sizesFile = (path: string) => `${partialName(path)}.sizes`

/** Leaves of a copy what one that is killed leaves. @returns the chunks that its checkpoint vouches for, at least one */
async function kill(path: string, { format, compression }: Kind, key: string): Promise<number> {
  const stopping = new AbortController()
  let checkpoint = ''
  const completing = () => {
    // One that is stopped writes a better one.
    checkpoint = readFileSync(checkpointFile(path), 'utf8')
    stopping.abort()
    throw new Error('stopped')
  }
  const options = { signal: stopping.signal, completing, key, ...(compression ? { compression } : {}) }
  await expect(copied(image, path, format, options)).rejects.toThrow('stopped')
  writeFileSync(checkpointFile(path), checkpoint)
  return JSON.parse(checkpoint).chunks
}

/** How many grains of the disk's first bytes hold data. */
function dataGrains(bytes: number): number {
  const disk = mixedDisk(96 * mib)
  const grains = Array.from({ length: bytes / 65_536 }, (_, at) => disk.subarray(at * 65_536, (at + 1) * 65_536))
  return grains.filter((grain) => grain.some((byte) => byte !== 0)).length
}

/** What a checkpoint of a copy says besides its chunks when it has the first one, 4 MiB of the disk. */
const firstGrains = (compression?: Compression) => (compression ? { grains: dataGrains(4 * mib) } : {})

/** Spoils everything of a partial file that is no part of what its checkpoint vouches for. */
function spoilFrom(path: string, offset: number): void {
  const file = openSync(partialName(path), 'r+')
  const length = readFileSync(partialName(path)).length
  writeSync(file, Buffer.alloc(Math.max(0, length - offset), 0xee), 0, Math.max(0, length - offset), offset)
  closeSync(file)
}

const kinds: readonly Kind[] = [
  { name: 'raw', format: 'raw' },
  { name: 'qcow2', format: 'qcow2' },
  { name: 'zstd', format: 'qcow2', compression: { type: 'zstd', level: 3 } },
  { name: 'zlib', format: 'qcow2', compression: { type: 'zlib', level: 6 } },
]

describe.each(kinds)('a copy to $name that was stopped', (kind) => {
  const { name, format, compression } = kind
  const options = compression ? { compression } : {}
  const whole = () => copied(image, join(folder, `whole.${name}`), format, options)

  test('goes on where it was, and gives the same file', async () => {
    const expected = await whole()
    const path = join(folder, `stopped.${name}`)
    const chunks = await kill(path, kind, 'one')
    expect(chunks).toBeGreaterThan(0)
    const again = await copied(image, path, format, { ...options, key: 'one' })
    expect(again.sha256).toBe(expected.sha256)
    expect(sha256Of(path)).toBe(expected.sha256)
    expect(compare(image, path, format)).toContain('identical')
    expect(existsSync(checkpointFile(path))).toBe(false)
    expect(existsSync(sizesFile(path))).toBe(false)
  })

  test('writes down how far it came, also when that was not due yet, and goes on from there', async () => {
    const path = join(folder, `midway.${name}`)
    const stopping = new AbortController()
    const progressing = (bytes: number) => bytes > 12 * mib && stopping.abort(new Error('stopped'))
    const seldom = { betweenCheckpoints: 3600, key: 'midway', signal: stopping.signal, progressing }
    await expect(copied(image, path, format, { ...options, ...seldom })).rejects.toThrow('stopped')
    expect(JSON.parse(readFileSync(checkpointFile(path), 'utf8')).chunks).toBeGreaterThan(2)
    const again = await copied(image, path, format, { ...options, key: 'midway' })
    expect(again.sha256).toBe((await whole()).sha256)
    expect(sha256Of(path)).toBe(again.sha256)
  })

  test('is still there after a try in which its source could not be read', async () => {
    const path = join(folder, `unread.${name}`)
    const chunks = await kill(path, kind, 'one')
    const checkpoint = JSON.parse(readFileSync(checkpointFile(path), 'utf8'))
    writeFileSync(checkpointFile(path), JSON.stringify({ ...checkpoint, chunks: 1, ...firstGrains(compression) }))
    const readBy = openSync(join(folder, 'not-to-be-read'), 'w')
    const unread = copied(image, path, format, { ...options, key: 'one', readBy })
    await expect(unread).rejects.toMatchObject({
      problems: [{ code: 'SOURCE_UNREADABLE', summary: expect.stringContaining(image) }],
    })
    closeSync(readBy)
    expect(JSON.parse(readFileSync(checkpointFile(path), 'utf8')).chunks).toBeLessThan(chunks)
    const { sha256 } = await copied(image, path, format, { ...options, key: 'one' })
    expect(sha256).toBe((await whole()).sha256)
  })

  test('does not read again what it has: the image’s first grain may be gone by then', async () => {
    const path = join(folder, `proof.${name}`)
    await kill(path, kind, 'one')
    const spoilt = readFileSync(image)
    spoilt.fill(0xff, 128 * 512, 128 * 512 + 64)
    const other = join(folder, `spoilt-${name}.vmdk`)
    writeFileSync(other, spoilt)
    const { sha256 } = await copied(other, path, format, { ...options, key: 'one' })
    expect(sha256).toBe((await whole()).sha256)
  })

  test('takes nothing from what it wrote behind its checkpoint', async () => {
    const path = join(folder, `behind.${name}`)
    await kill(path, kind, 'one')
    // Of the first chunk, 4 MiB of the disk, nothing lies behind them in any kind of file.
    const checkpoint = JSON.parse(readFileSync(checkpointFile(path), 'utf8'))
    writeFileSync(checkpointFile(path), JSON.stringify({ ...checkpoint, chunks: 1, ...firstGrains(compression) }))
    spoilFrom(path, 5 * mib)
    const { sha256 } = await copied(image, path, format, { ...options, key: 'one' })
    expect(sha256).toBe((await whole()).sha256)
  })

  test('begins anew when something else is to be copied', async () => {
    const path = join(folder, `anew.${name}`)
    await kill(path, kind, 'one')
    spoilFrom(path, 0)
    const { sha256 } = await copied(image, path, format, { ...options, key: 'another' })
    expect(sha256).toBe((await whole()).sha256)
  })
})

test('a compressed copy begins anew with another compression, and without the sizes of its grains', async () => {
  const zstd = { type: 'zstd', level: 3 } as const
  const path = join(folder, 'other.qcow2')
  await kill(path, { name: 'zstd', format: 'qcow2', compression: zstd }, 'one')
  spoilFrom(path, 0)
  const level9 = { compression: { ...zstd, level: 9 }, key: 'one' }
  expect((await copied(image, path, 'qcow2', level9)).sha256).toBe(
    (await copied(image, join(folder, 'level-9.qcow2'), 'qcow2', level9)).sha256,
  )
  await kill(path, { name: 'zstd', format: 'qcow2', compression: zstd }, 'one')
  truncateSync(sizesFile(path), 4)
  await copied(image, path, 'qcow2', { compression: zstd, key: 'one' })
  expect(compare(image, path, 'qcow2')).toContain('identical')
})

test('a copy without a checkpoint that can be read begins anew', async () => {
  const path = join(folder, 'damaged.raw')
  const file = openSync(partialName(path), 'w')
  ftruncateSync(file, mib)
  closeSync(file)
  writeFileSync(checkpointFile(path), '{"key":')
  const { sha256 } = await copied(image, path, 'raw')
  expect(sha256Of(path)).toBe(sha256)
})

test('a copy whose partial file somebody removed begins anew', async () => {
  const path = join(folder, 'removed.raw')
  await kill(path, { name: 'removed', format: 'raw' }, 'one')
  rmSync(partialName(path))
  const { sha256 } = await copied(image, path, 'raw', { key: 'one' })
  expect(sha256Of(path)).toBe(sha256)
})
