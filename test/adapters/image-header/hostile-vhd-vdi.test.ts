import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProblemCode } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'
import { resumVhd, resumVhdx } from './checksums.ts'
import { driverOf, header, inTurn, mib, patched, problemIn, sector, sharedFolder } from './images.ts'

const folder = sharedFolder()
const fileOf = (name: string) => join(folder, name)

beforeAll(() => {
  for (const [name, format, options] of [
    ['disk.vhdx', 'vhdx', 'block_size=1M'],
    ['disk.vhd', 'vhd', 'subformat=dynamic'],
    ['fixed.vhd', 'vhd', 'subformat=fixed,force_size=on'],
    ['disk.vdi', 'vdi', 'static=off'],
  ] as const) {
    const driver = driverOf(format)
    qemuImg('create', '-q', '-f', driver, '-o', options, fileOf(name), '8M')
    execFileSync('qemu-io', ['-f', driver, '-c', 'write -q 0 64k', '-c', 'write -q 6M 64k', fileOf(name)])
  }
})

type Patch = readonly [name: string, change: (bytes: Buffer) => unknown, code: ProblemCode, says: RegExp]

function refuses(format: 'vhd' | 'vhdx' | 'vdi', from: string, patches: readonly Patch[]): void {
  for (const [name, change, code, says] of patches) {
    test(name, async () => {
      const copy = patched(fileOf(from), fileOf(`patched-${from}`), change)
      expect(await problemIn(header(copy, format))).toMatchObject({
        code,
        summary: expect.stringMatching(says),
        hint: expect.any(String),
      })
    })
  }
}

describe('a VHDX image is refused:', () => {
  const kib = 1024
  const inHeader = (change: (block: Buffer) => unknown) => (bytes: Buffer) => {
    for (const at of [64 * kib, 128 * kib]) change(bytes.subarray(at, at + 4 * kib))
    resumVhdx(bytes)
  }
  const inRegions = (change: (table: Buffer) => unknown) => (bytes: Buffer) => {
    change(bytes.subarray(192 * kib, 256 * kib))
    resumVhdx(bytes)
  }
  const metadata = (bytes: Buffer) => bytes.indexOf('metadata', 2 ** 20)
  /** The entry of an item in the metadata table, by the first bytes of its GUID. */
  const entry = (bytes: Buffer, guid: string) => bytes.indexOf(Buffer.from(guid, 'hex'), metadata(bytes))
  const item = (bytes: Buffer, guid: string) => metadata(bytes) + bytes.readUInt32LE(entry(bytes, guid) + 16)
  const [parameters, size, sectorSize, identity] = ['3767a1ca', '2442a52f', '1dbf4181', 'ab12cabe']
  const blockTable = (bytes: Buffer) => {
    const at = bytes.indexOf(Buffer.from('6677c22d', 'hex'), 192 * kib)
    return Number(bytes.readBigUInt64LE(at + 16))
  }
  const guid = Buffer.alloc(16, 7)
  refuses('vhdx', 'disk.vhdx', [
    [
      'a parent, by its flag',
      (bytes) => bytes.writeUInt32LE(2, item(bytes, parameters) + 4),
      'IMAGE_REFERS_OUTSIDE',
      /parent/,
    ],
    [
      'a parent, by its locator',
      (bytes) => Buffer.from('2d5fd3a80bb34d45abf7d3d84834ab0c', 'hex').copy(bytes, entry(bytes, identity)),
      'IMAGE_REFERS_OUTSIDE',
      /parent/,
    ],
    [
      'a log that is not empty',
      (bytes) => {
        inHeader((block) => guid.copy(block, 48))(bytes)
        const log = Number(bytes.readBigUInt64LE(64 * kib + 72))
        bytes.write('loge', log + 8192)
        guid.copy(bytes, log + 8192 + 32)
      },
      'IMAGE_CORRUPT',
      /not closed/,
    ],
    [
      'a log outside',
      inHeader(
        inTurn(
          (block) => guid.copy(block, 48),
          (block) => block.writeBigUInt64LE(2n ** 50n, 72),
        ),
      ),
      'IMAGE_CORRUPT',
      /log is at byte/,
    ],
    [
      'no sound header',
      inTurn(
        (bytes) => bytes.fill(1, 64 * kib, 68 * kib),
        (bytes) => bytes.fill(1, 128 * kib, 132 * kib),
      ),
      'IMAGE_CORRUPT',
      /no sound header/,
    ],
    [
      'a region table with a wrong checksum',
      (bytes) => bytes.writeUInt8(1, 250 * kib),
      'IMAGE_CORRUPT',
      /region table/,
    ],
    ['regions without end', inRegions((table) => table.writeUInt32LE(2 ** 32 - 1, 8)), 'IMAGE_CORRUPT', /region table/],
    [
      'a region that it needs and nobody knows',
      inRegions(
        inTurn(
          (table) => table.fill(9, 80, 96),
          (table) => table.writeUInt32LE(1, 108),
          (table) => table.writeUInt32LE(3, 8),
        ),
      ),
      'IMAGE_UNSUPPORTED',
      /region 09090909-/,
    ],
    [
      'one region twice',
      inRegions(
        inTurn(
          (table) => table.copy(table, 80, 16, 48),
          (table) => table.writeUInt32LE(3, 8),
        ),
      ),
      'IMAGE_CORRUPT',
      /twice/,
    ],
    ['no block table', inRegions((table) => table.writeUInt32LE(0, 8)), 'IMAGE_CORRUPT', /no block table/],
    [
      'a block table outside',
      inRegions((table) => [0, 1].map((index) => table.writeBigUInt64LE(2n ** 62n, 16 + 32 * index + 16))),
      'IMAGE_CORRUPT',
      /ends at byte/,
    ],
    [
      'metadata items without end',
      (bytes) => bytes.writeUInt16LE(65_535, metadata(bytes) + 10),
      'IMAGE_CORRUPT',
      /metadata table/,
    ],
    [
      'an item outside',
      (bytes) => bytes.writeUInt32LE(2 ** 32 - 1, entry(bytes, size) + 16),
      'IMAGE_CORRUPT',
      /outside its metadata/,
    ],
    ['no size', (bytes) => bytes.fill(0, entry(bytes, size), entry(bytes, size) + 32), 'IMAGE_CORRUPT', /laid out/],
    ['8 EiB', (bytes) => bytes.writeBigUInt64LE(2n ** 63n, item(bytes, size)), 'IMAGE_ABSURD', /2\^53/],
    [
      'a disk larger than its table',
      (bytes) => bytes.writeBigUInt64LE(2n ** 45n, item(bytes, size)),
      'IMAGE_CORRUPT',
      /block table for less/,
    ],
    [
      'sectors of 4096 bytes',
      (bytes) => bytes.writeUInt32LE(4096, item(bytes, sectorSize)),
      'IMAGE_UNSUPPORTED',
      /4096/,
    ],
    ['blocks of no bytes', (bytes) => bytes.writeUInt32LE(0, item(bytes, parameters)), 'IMAGE_CORRUPT', /blocks of 0/],
    [
      'blocks of 3 MiB',
      (bytes) => bytes.writeUInt32LE(3 * mib, item(bytes, parameters)),
      'IMAGE_CORRUPT',
      /blocks of 3145728/,
    ],
    [
      'a block outside',
      (bytes) => bytes.writeBigUInt64LE(2n ** 40n + 6n, blockTable(bytes)),
      'IMAGE_CORRUPT',
      /block 0 of its disk is at byte 1099511627776/,
    ],
    ['a block in the header', (bytes) => bytes.writeBigUInt64LE(6n, blockTable(bytes)), 'IMAGE_CORRUPT', /block 0/],
    [
      'a block that is partly there',
      (bytes) => bytes.writeBigUInt64LE(7n, blockTable(bytes)),
      'IMAGE_CORRUPT',
      /state 7/,
    ],
    ['a file that is cut off', (bytes) => bytes.subarray(0, bytes.length - mib / 2), 'IMAGE_CORRUPT', /ends at byte/],
    ['a file of a header', (bytes) => bytes.subarray(0, 1000), 'IMAGE_CORRUPT', /ends at byte 1000/],
  ])

  test('but one whose log bears a name and holds nothing is taken', async () => {
    const copy = patched(
      fileOf('disk.vhdx'),
      fileOf('named-log.vhdx'),
      inHeader((block) => guid.copy(block, 48)),
    )
    expect(await header(copy, 'vhdx')).toMatchObject({ virtualBytes: 8 * mib, allocatedBytes: 2 * mib })
    expect(qemuImg('info', '-f', 'vhdx', copy)).toContain('8 MiB')
  })
})

describe('a VHD image is refused:', () => {
  /** Changes the footer and its copy in front. */
  const inFooter = (change: (footer: Buffer) => unknown) => (bytes: Buffer) => {
    for (const at of [0, bytes.length - sector]) {
      change(bytes.subarray(at, at + sector))
    }
    resumVhd(bytes)
  }
  const inHeader = (change: (header: Buffer) => unknown) => (bytes: Buffer) => {
    change(bytes.subarray(512, 1536))
    resumVhd(bytes)
  }
  const blockTable = (bytes: Buffer) => Number(bytes.readBigUInt64BE(512 + 16))
  refuses('vhd', 'disk.vhd', [
    ['a parent', inFooter((footer) => footer.writeUInt32BE(4, 60)), 'IMAGE_REFERS_OUTSIDE', /parent/],
    ['a type that does not exist', inFooter((footer) => footer.writeUInt32BE(9, 60)), 'IMAGE_CORRUPT', /type 9/],
    ['a wrong checksum', (bytes) => bytes.writeUInt8(1, bytes.length - 100), 'IMAGE_CORRUPT', /checksum/],
    ['two ends that differ', inTurn((bytes) => bytes.writeUInt16BE(9, 56), resumVhd), 'IMAGE_CORRUPT', /differ/],
    ['a cut-off end', (bytes) => bytes.subarray(0, bytes.length - 700), 'IMAGE_CORRUPT', /cut off/],
    ['no bytes', inFooter((footer) => footer.writeUInt8(0, 58)), 'IMAGE_ABSURD', /0 bytes/],
    [
      '8 EiB',
      inFooter(
        inTurn(
          (footer) => footer.write('win ', 28),
          (footer) => footer.writeBigUInt64BE(2n ** 63n, 48),
        ),
      ),
      'IMAGE_ABSURD',
      /2\^53/,
    ],
    [
      'a disk larger than its table',
      inFooter(
        inTurn(
          (footer) => footer.write('win ', 28),
          (footer) => footer.writeBigUInt64BE(2n ** 40n, 48),
        ),
      ),
      'IMAGE_CORRUPT',
      /block table for less/,
    ],
    [
      'a header outside',
      inFooter((footer) => footer.writeBigUInt64BE(2n ** 60n, 16)),
      'IMAGE_CORRUPT',
      /header is at byte/,
    ],
    ['no header', inHeader((bytes) => bytes.write('x')), 'IMAGE_CORRUPT', /no sound header/],
    ['blocks of no bytes', inHeader((bytes) => bytes.writeUInt32BE(0, 32)), 'IMAGE_CORRUPT', /blocks of 0/],
    [
      'a table outside',
      inHeader((bytes) => bytes.writeBigUInt64BE(2n ** 60n, 16)),
      'IMAGE_CORRUPT',
      /block table is at byte/,
    ],
    [
      'a block outside',
      (bytes) => bytes.writeUInt32BE(0xfffffffe, blockTable(bytes)),
      'IMAGE_CORRUPT',
      /block 0 of its disk is at byte 2199023254528/,
    ],
  ])
  refuses('vhd', 'fixed.vhd', [
    ['a fixed one that is too short', (bytes) => bytes.subarray(sector), 'IMAGE_CORRUPT', /too few/],
    [
      'a fixed one whose guest wrote a header where qemu looks for one',
      (bytes) => bytes.write('conectix'),
      'IMAGE_UNSUPPORTED',
      /begins like a growing one/,
    ],
    ['nothing but a footer', (bytes) => bytes.subarray(bytes.length - sector), 'IMAGE_CORRUPT', /too few/],
    [
      'less than a footer',
      (bytes) => bytes.subarray(bytes.length - sector, bytes.length - 100),
      'IMAGE_CORRUPT',
      /ends at byte|cut off/,
    ],
  ])

  test('but programs that mean the size field, such as VirtualBox, are taken by it', async () => {
    const copy = patched(fileOf('fixed.vhd'), fileOf('vbox.vhd'), (bytes) => {
      const footer = bytes.length - sector
      bytes.write('vbox', footer + 28)
      bytes.writeUInt16BE(1, footer + 56)
      resumVhd(bytes)
    })
    expect(await header(copy, 'vhd')).toMatchObject({ virtualBytes: 8 * mib })
  })
})

describe('a VDI image is refused:', () => {
  const u32 = (at: number, value: number) => (bytes: Buffer) => bytes.writeUInt32LE(value, at)
  refuses('vdi', 'disk.vdi', [
    ['an undo image', u32(0x4c, 3), 'IMAGE_REFERS_OUTSIDE', /parent/],
    ['a differencing image', u32(0x4c, 4), 'IMAGE_REFERS_OUTSIDE', /parent/],
    ['a link', (bytes) => bytes.writeUInt8(1, 0x1a8), 'IMAGE_REFERS_OUTSIDE', /parent/],
    ['a parent', (bytes) => bytes.writeUInt8(1, 0x1c7), 'IMAGE_REFERS_OUTSIDE', /parent/],
    ['a type that does not exist', u32(0x4c, 0), 'IMAGE_CORRUPT', /type 0/],
    ['version 2.0', u32(0x44, 0x20000), 'IMAGE_UNSUPPORTED', /version 2\.0/],
    ['8 EiB', (bytes) => bytes.writeBigUInt64LE(2n ** 63n, 0x170), 'IMAGE_ABSURD', /2\^53/],
    ['no bytes', (bytes) => bytes.writeBigUInt64LE(0n, 0x170), 'IMAGE_ABSURD', /0 bytes/],
    ['blocks of 4 MiB', u32(0x178, 4 * mib), 'IMAGE_UNSUPPORTED', /4194304/],
    ['sectors of 4096 bytes', u32(0x168, 4096), 'IMAGE_UNSUPPORTED', /4096/],
    ['a map that is too small', u32(0x180, 7), 'IMAGE_CORRUPT', /map for less/],
    ['a map outside', u32(0x154, 0xfffffe00), 'IMAGE_CORRUPT', /block map is at byte 4294966784/],
    ['a block outside', u32(0x200, 0xfffffffd), 'IMAGE_CORRUPT', /block 0 of its disk/],
    ['a file that is cut off', (bytes) => bytes.subarray(0, bytes.length - mib / 2), 'IMAGE_CORRUPT', /ends at byte/],
    ['a file of a header', (bytes) => bytes.subarray(0, 200), 'IMAGE_CORRUPT', /ends at byte 200/],
  ])
})
