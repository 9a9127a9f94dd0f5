import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { qemuImg } from '../../support/machines.ts'
import { streamOptimized } from './esxi-vmdk.ts'
import { header, mib, patched, problemIn, sharedFolder } from './images.ts'

const folder = sharedFolder()
const path = join(folder, 'web-disk1.vmdk')
const grain = 64 * 1024

beforeAll(() => {
  const disk = Buffer.alloc(70 * mib)
  disk.fill(1, 0, 1000)
  disk.fill(2, 33 * mib, 33 * mib + grain + 1)
  disk.fill(3, 70 * mib - 1)
  writeFileSync(join(folder, 'disk.raw'), disk)
  writeFileSync(path, streamOptimized(disk))
})

describe('a stream-optimized VMDK as VMware writes it, its directory at the end', () => {
  test('is sound for qemu, so that these tests are about the real thing', () => {
    expect(qemuImg('compare', '-f', 'vmdk', '-F', 'raw', path, join(folder, 'disk.raw'))).toMatch(/identical/)
  })

  test('is read by its footer', async () => {
    expect(await header(path, 'vmdk')).toEqual({
      format: 'vmdk',
      variant: 'streamOptimized',
      virtualBytes: 70 * mib,
      allocatedBytes: 4 * grain,
      files: [path],
    })
  })

  test('is read where it lies in an archive', async () => {
    const archive = join(folder, 'web.ova')
    patched(path, archive, (bytes) => Buffer.concat([Buffer.alloc(1536, 'x'), bytes, Buffer.alloc(10_240, 'y')]))
    const lengthBytes = statSync(path).size
    const found = await header(archive, 'vmdk', { stretch: { offsetBytes: 1536, lengthBytes } })
    expect(found).toMatchObject({ virtualBytes: 70 * mib, allocatedBytes: 4 * grain, files: [archive] })
    const shifted = header(archive, 'vmdk', { stretch: { offsetBytes: 1024, lengthBytes } })
    expect(await problemIn(shifted)).toMatchObject({ code: 'IMAGE_UNKNOWN' })
    const long = header(archive, 'vmdk', { stretch: { offsetBytes: 1536, lengthBytes: lengthBytes + 10_241 } })
    expect(await problemIn(long)).toMatchObject({ code: 'ARCHIVE_CORRUPT' })
  })

  test('is known to be cut off, wherever that was', async () => {
    for (const kept of [0.999, 0.9, 0.5]) {
      const cut = patched(path, join(folder, 'cut.vmdk'), (bytes) => bytes.subarray(0, Math.floor(bytes.length * kept)))
      expect(await problemIn(header(cut, 'vmdk')), `${kept} of it`).toMatchObject({
        code: 'IMAGE_CORRUPT',
        summary: expect.stringContaining('cut off'),
      })
    }
  })

  test('is refused when its header would send qemu to the extents of its descriptor', async () => {
    const emptied = patched(path, join(folder, 'emptied.vmdk'), (bytes) => {
      bytes.writeBigUInt64LE(0n, 12)
      bytes.writeBigUInt64LE(100n, 28)
    })
    expect(await problemIn(header(emptied, 'vmdk'))).toMatchObject({ code: 'IMAGE_CORRUPT' })
  })
})
