import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { explainingSource } from '../../../src/adapters/image-header/source-failure.ts'
import { detectImageFormat, readImageHeader } from '../../../src/adapters/image-header.ts'
import { imageFormats } from '../../../src/core/image.ts'
import { qemuImg } from '../../support/machines.ts'
import { header, kinds, makeImage, mib, never, patched, problemIn, sharedFolder } from './images.ts'

const folder = sharedFolder()
const raw = join(folder, 'disk.raw')
const qcow2 = join(folder, 'disk.qcow2')

beforeAll(() => {
  writeFileSync(raw, Buffer.alloc(mib, 1))
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', raw, qcow2)
})

describe('the file of an image', () => {
  test('may be a symbolic link, and a relative path becomes absolute', async () => {
    const link = join(folder, 'link.qcow2')
    symlinkSync(qcow2, link)
    expect(await header(link, 'qcow2')).toMatchObject({ files: [link] })
    expect(await header(relative(process.cwd(), qcow2), 'qcow2')).toMatchObject({ files: [qcow2] })
  })

  test('that is not there, or is below a file, is missing', async () => {
    for (const path of [join(folder, 'gone.qcow2'), join(qcow2, 'disk.qcow2')]) {
      expect(await problemIn(header(path, 'qcow2'))).toMatchObject({
        code: 'SOURCE_MISSING',
        summary: `${path} does not exist`,
      })
    }
  })

  test('that is no file is not opened', async () => {
    const [pipe, below] = [join(folder, 'pipe.raw'), join(folder, 'folder.raw')]
    execFileSync('mkfifo', [pipe])
    mkdirSync(below)
    for (const [path, what] of [
      [pipe, 'a pipe'],
      [below, 'a folder'],
      ['/dev/null', 'a device'],
    ] as const) {
      const expected = { code: 'IMAGE_UNSUPPORTED', summary: `${path} is ${what}, not a file` }
      expect(await problemIn(header(path, 'raw'))).toMatchObject(expected)
    }
  })

  test('that this user may not read says how to change that', async () => {
    const refused = explainingSource('/srv/a b.vmdk', () =>
      Promise.reject(Object.assign(new Error('EACCES: no'), { code: 'EACCES', syscall: 'open' })),
    )
    expect(await problemIn(refused)).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      hint: `let this user read it: setfacl -m u:$(id -un):r '/srv/a b.vmdk'`,
    })
    if (process.getuid?.() === 0) return
    const locked = join(folder, 'locked.raw')
    writeFileSync(locked, 'x')
    chmodSync(locked, 0)
    expect(await problemIn(header(locked, 'raw'))).toMatchObject({ code: 'SOURCE_UNREADABLE' })
  })

  test('that its disk cannot read is no success', async () => {
    const failing = explainingSource(raw, () =>
      Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })),
    )
    expect(await problemIn(failing)).toMatchObject({ code: 'SOURCE_UNREADABLE', detail: 'EIO: i/o error, read' })
  })

  test('that is empty is corrupt, whatever its format', async () => {
    const empty = join(folder, 'empty')
    writeFileSync(empty, '')
    for (const format of imageFormats) {
      expect(await problemIn(header(empty, format)), format).toMatchObject({
        code: 'IMAGE_CORRUPT',
        summary: `${empty} is empty`,
      })
    }
  })

  test('is not read once the work is stopped', async () => {
    const reason = new Error('stopped')
    await expect(readImageHeader({ path: qcow2, format: 'qcow2' }, AbortSignal.abort(reason))).rejects.toBe(reason)
    await expect(detectImageFormat(qcow2, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('the format that is given', () => {
  test('is the one that is read: every other image is named for what it looks like', async () => {
    const paths = new Map(kinds.map((kind) => [kind.format, kind] as const))
    const looks = { vmdk: 'a VMDK', qcow2: 'a qcow2', vhd: 'a VHD', vhdx: 'a VHDX', vdi: 'a VDI' }
    for (const [format, kind] of paths) {
      if (format === 'raw') continue
      const path = makeImage(folder, raw, kind)
      for (const other of imageFormats.filter((one) => one !== format && one !== 'raw')) {
        expect(await problemIn(header(path, other)), `${format} as ${other}`).toMatchObject({
          code: 'IMAGE_UNKNOWN',
          summary: `${path} is no ${other} image; it looks like ${looks[format]} image`,
        })
      }
      expect(await header(path, 'raw'), `${format} as raw`).toMatchObject({ format: 'raw' })
    }
  })

  for (const [what, bytes] of [
    ['an OVF descriptor', '<?xml version="1.0"?><Envelope/>'],
    ['a web page', '<!DOCTYPE html><title>Log in</title>'],
    ['a gzip file', Buffer.from('1f8b0800', 'hex')],
    ['a ZIP archive', 'PK\u0003\u0004'],
    ['a Zstandard file', Buffer.from('28b52ffd', 'hex')],
    ['a tar archive', Buffer.from(`${'x'.repeat(257)}ustar`)],
    ['a raw disk', Buffer.concat([Buffer.alloc(510, 1), Buffer.from('55aa', 'hex')])],
    ['zeros', Buffer.alloc(2000)],
    ['nothing that h2k knows', 'hello'],
  ] as const) {
    test(`of something that looks like ${what}`, async () => {
      const path = join(folder, 'download.vmdk')
      writeFileSync(path, bytes)
      const found = await problemIn(header(path, 'vmdk'))
      expect(found).toMatchObject({ code: 'IMAGE_UNKNOWN', summary: expect.stringContaining(`it looks like ${what}`) })
    })
  }
})

describe('a stretch of a file', () => {
  test('bounds every format: as much is found in it as in the file', async () => {
    for (const kind of kinds.filter(({ variant }) => !/Flat|twoGb/.test(variant))) {
      const path = kind.format === 'raw' ? raw : makeImage(folder, raw, kind)
      let lengthBytes = 0
      const archive = patched(path, join(folder, 'archive.ova'), (bytes) => {
        lengthBytes = bytes.length
        return Buffer.concat([Buffer.alloc(512, 'QFI\u00fb', 'latin1'), bytes, Buffer.alloc(mib, 'conectix')])
      })
      const { files, ...alone } = await header(path, kind.format)
      const within = await header(archive, kind.format, { stretch: { offsetBytes: 512, lengthBytes } })
      expect({ ...within, allocatedBytes: 0 }, kind.name).toEqual({ ...alone, allocatedBytes: 0, files: [archive] })
      expect(within.allocatedBytes, kind.name).toBeGreaterThanOrEqual(alone.allocatedBytes)
      expect(within.allocatedBytes, kind.name).toBeLessThanOrEqual(within.virtualBytes)
    }
  })

  test('that ends past its file is the archive’s fault', async () => {
    for (const stretch of [
      { offsetBytes: mib, lengthBytes: 1 },
      { offsetBytes: 2 ** 60, lengthBytes: 512 },
      { offsetBytes: 0, lengthBytes: Number.NaN },
    ]) {
      expect(await problemIn(header(raw, 'raw', { stretch }))).toMatchObject({ code: 'ARCHIVE_CORRUPT' })
    }
  })
})

describe('the format of a file that is imported', () => {
  test('is what its ending says, in any case', async () => {
    const path = join(folder, 'DISK.QCOW2')
    patched(qcow2, path, (bytes) => bytes)
    expect(await detectImageFormat(path, never)).toBe('qcow2')
    const guestMade = join(folder, 'guest.img')
    patched(qcow2, guestMade, (bytes) => bytes)
    expect(await detectImageFormat(guestMade, never)).toBe('raw')
  })

  test('is refused when the content is another', async () => {
    const path = join(folder, 'renamed.vmdk')
    patched(qcow2, path, (bytes) => bytes)
    expect(await problemIn(detectImageFormat(path, never))).toMatchObject({
      code: 'IMAGE_UNKNOWN',
      summary: expect.stringContaining('a qcow2 image'),
    })
  })

  test('is not guessed from the content when the ending says nothing', async () => {
    const path = join(folder, 'disk.bin')
    patched(qcow2, path, (bytes) => bytes)
    expect(await problemIn(detectImageFormat(path, never))).toMatchObject({
      code: 'IMAGE_UNKNOWN',
      summary: expect.stringContaining('it looks like a qcow2 image'),
      hint: expect.stringContaining('.qcow2'),
    })
  })
})
