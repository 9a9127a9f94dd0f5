import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { partialName } from '../../../src/adapters/files/write-whole.ts'
import { qemuImg } from '../../support/machines.ts'
import { sharedFolder } from '../image-header/images.ts'
import { sparseVmdk } from './any-vmdk.ts'
import { copied, mib } from './copies.ts'

const folder = sharedFolder()
const run = promisify(execFile)
const kind = { grainSectors: 128, compressed: true, footer: true, zeroGrains: false, shuffle: [] }

/** Copies in a process that may write no file longer than that. */
async function copiedUpTo(bytes: number, image: string, path: string, format: string) {
  const child = [process.execPath, join(import.meta.dirname, 'copy.child.ts'), image, path, format]
  const { stdout } = await run('prlimit', [`--fsize=${bytes}`, ...child])
  return JSON.parse(stdout)
}

describe('a target that takes no more is one clear error', () => {
  // Two grain tables of qcow2: the first is written while the second half of the data is copied.
  const disk = Buffer.alloc(700 * mib)
  for (const at of [0, 40, 600, 690]) disk.fill(at + 1, at * mib, (at + 4) * mib)
  const image = join(folder, 'disk.vmdk')
  writeFileSync(image, sparseVmdk(disk, kind))
  const dataBytes = 16 * mib + 65_536

  test.each([
    ['in its data', 'qcow2', 9 * mib],
    ['in its data', 'raw', 700 * mib - 1],
    ['in a table beside it', 'qcow2', dataBytes],
    ['in the tables behind it', 'qcow2', dataBytes + 2 * 65_536],
  ])('%s, to %s', async (where, format, bytes) => {
    const path = join(folder, `${where}.${format}`)
    const { problems } = await copiedUpTo(bytes, image, path, format)
    expect(problems).toMatchObject([{ code: 'OUTPUT_UNWRITABLE', summary: expect.stringContaining(path) }])
    expect([existsSync(path), existsSync(partialName(path))]).toEqual([false, false])
  })

  test('there is none where it would do', async () => {
    expect(await copiedUpTo(700 * mib, image, join(folder, 'enough.qcow2'), 'qcow2')).toHaveProperty('sha256')
  })

  test('in its folder', async () => {
    const file = join(folder, 'no-folder')
    writeFileSync(file, '')
    await expect(copied(image, join(file, 'disk.qcow2'), 'qcow2')).rejects.toMatchObject({
      problems: [{ code: 'OUTPUT_UNWRITABLE' }],
    })
  })
})

test('damage below an overlay is told of the file that it is in', async () => {
  const [base, overlay] = [join(folder, 'base.vmdk'), join(folder, 'overlay.qcow2')]
  const bytes = sparseVmdk(Buffer.alloc(mib, 'some text'), kind)
  bytes.fill(0xff, 128 * 512 + 20, 128 * 512 + 60)
  writeFileSync(base, bytes)
  qemuImg('create', '-q', '-f', 'qcow2', '-F', 'vmdk', '-b', base, overlay)
  const backing = { path: base, format: 'vmdk' } as const
  for (const skipSwap of [false, true]) {
    const copy = copied({ path: overlay, format: 'qcow2' }, join(folder, 'of-overlay.raw'), 'raw', {
      backing,
      skipSwap,
    })
    await expect(copy).rejects.toMatchObject({
      problems: [{ code: 'IMAGE_CORRUPT', summary: expect.stringContaining(`${base} has a grain at byte 65536`) }],
    })
  }
})

test('a disk of terabytes to raw, whose holes are hashed, is stopped at once', async () => {
  const image = join(folder, 'huge.vmdk')
  qemuImg('create', '-f', 'vmdk', image, '2T')
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('stopped')), 1000)
  const copy = copied(image, join(folder, 'huge.raw'), 'raw', { signal: stop.signal })
  await expect(copy).rejects.toThrow('stopped')
}, 30_000)
