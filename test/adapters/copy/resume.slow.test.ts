import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { partialName } from '../../../src/adapters/files/write-whole.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { copied, mib, mixedDisk, sha256Of } from './copies.ts'

const folder = sharedFolder()
const image = join(folder, 'disk.vmdk')
beforeAll(() => writeFileSync(image, streamOptimized(mixedDisk(96 * mib))))

const checkpointFile = (path: string) => `${partialName(path)}.done`

/** Stops a copy at its last moment; what counts of it is what its checkpoint says, at least the first chunk. */
async function stop(path: string, format: 'raw' | 'qcow2', key: string): Promise<number> {
  const stopping = new AbortController()
  const completing = () => {
    stopping.abort()
    throw new Error('stopped')
  }
  const options = { signal: stopping.signal, completing, key }
  await expect(copied(image, path, format, options)).rejects.toThrow('stopped')
  return JSON.parse(readFileSync(checkpointFile(path), 'utf8')).chunks
}

/** Spoils everything of a partial file that is no part of what its checkpoint vouches for. */
function spoilFrom(path: string, offset: number): void {
  const file = openSync(partialName(path), 'r+')
  const length = readFileSync(partialName(path)).length
  writeSync(file, Buffer.alloc(Math.max(0, length - offset), 0xee), 0, Math.max(0, length - offset), offset)
  closeSync(file)
}

describe.each(['raw', 'qcow2'] as const)('a copy to %s that was stopped', (format) => {
  test('goes on where it was, and gives the same file', async () => {
    const whole = await copied(image, join(folder, `whole.${format}`), format)
    const path = join(folder, `stopped.${format}`)
    const chunks = await stop(path, format, 'one')
    expect(chunks).toBeGreaterThan(0)
    const again = await copied(image, path, format, { key: 'one' })
    expect(again.sha256).toBe(whole.sha256)
    expect(sha256Of(path)).toBe(whole.sha256)
    expect(existsSync(checkpointFile(path))).toBe(false)
  })

  test('does not read again what it has: the image’s first grain may be gone by then', async () => {
    const path = join(folder, `proof.${format}`)
    await stop(path, format, 'one')
    const spoilt = readFileSync(image)
    spoilt.fill(0xff, 128 * 512, 128 * 512 + 64)
    const other = join(folder, `spoilt-${format}.vmdk`)
    writeFileSync(other, spoilt)
    const { sha256 } = await copied(other, path, format, { key: 'one' })
    expect(sha256).toBe((await copied(image, join(folder, `whole.${format}`), format)).sha256)
  })

  test('begins anew when something else is to be copied', async () => {
    const path = join(folder, `anew.${format}`)
    await stop(path, format, 'one')
    spoilFrom(path, 0)
    const { sha256 } = await copied(image, path, format, { key: 'another' })
    expect(sha256).toBe((await copied(image, join(folder, `whole.${format}`), format)).sha256)
  })
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
