import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProblemCode } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'
import { descriptor } from './esxi-vmdk.ts'
import { header, mib, patched, problemIn, sector, sharedFolder } from './images.ts'

const folder = sharedFolder()
const path = join(folder, 'web.vmdk')
const flat = join(folder, 'web-flat.vmdk')
const vmfs = 'RW 4096 VMFS "web-flat.vmdk"'

beforeAll(() => {
  writeFileSync(flat, '')
  truncateSync(flat, 2 * mib)
  execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -q 1M 64k', flat])
  symlinkSync('/etc/shadow', join(folder, 'link.vmdk'))
  symlinkSync(flat, join(folder, 'link-to-flat.vmdk'))
  execFileSync('mkfifo', [join(folder, 'pipe.vmdk')])
  mkdirSync(join(folder, 'folder.vmdk'))
})

function problemWith(text: string | Buffer) {
  writeFileSync(path, text)
  return problemIn(header(path, 'vmdk'))
}

describe('a descriptor and its flat file, as on an ESXi host', () => {
  for (const [name, text] of [
    ['vmfs', descriptor('vmfs', [vmfs], ['isNativeSnapshot="no"', 'changeTrackPath="web-ctk.vmdk"'])],
    ['with Windows line ends', descriptor('vmfs', [vmfs]).replaceAll('\n', '\r\n')],
    ['padded with NULs', `${descriptor('vmfs', [vmfs])}${'\0'.repeat(200)}`],
    ['FLAT', descriptor('vmfs', ['RW 4096 FLAT "web-flat.vmdk" 0'])],
    [
      'two halves of one file',
      descriptor(
        'twoGbMaxExtentFlat',
        [0, 2048].map((at) => `RW 2048 FLAT "web-flat.vmdk" ${at}`),
      ),
    ],
  ] as const) {
    test(`${name}: is taken`, async () => {
      writeFileSync(path, text)
      const found = await header(path, 'vmdk')
      expect(found).toMatchObject({ virtualBytes: 2 * mib, files: [path, flat] })
      expect(found.allocatedBytes).toBeGreaterThanOrEqual(64 * 1024)
      expect(found.allocatedBytes).toBeLessThan(mib)
      expect(JSON.parse(qemuImg('info', '-f', 'vmdk', '--output=json', path))).toMatchObject({
        'virtual-size': 2 * mib,
      })
    })
  }

  test('with a name that is not ASCII', async () => {
    const named = join(folder, 'Büro größe-flat.vmdk')
    writeFileSync(named, Buffer.alloc(mib))
    writeFileSync(path, descriptor('vmfs', ['RW 2048 VMFS "Büro größe-flat.vmdk"']))
    expect((await header(path, 'vmdk')).files).toEqual([path, named])
    const latin1 = Buffer.from(descriptor('vmfs', ['RW 2048 VMFS "Büro.vmdk"']), 'latin1')
    expect(await problemWith(latin1)).toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      summary: expect.stringContaining('UTF-8'),
    })
  })

  test('given as a symbolic link: its extents are beside the link, as for qemu', async () => {
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(path, descriptor('vmfs', [vmfs]))
    const link = join(folder, 'elsewhere', 'web.vmdk')
    symlinkSync(path, link)
    expect(await problemIn(header(link, 'vmdk'))).toMatchObject({
      code: 'SOURCE_MISSING',
      summary: expect.stringContaining(join(folder, 'elsewhere', 'web-flat.vmdk')),
    })
  })

  test('the flat file without its descriptor is explained', async () => {
    expect(await problemIn(header(flat, 'vmdk'))).toMatchObject({
      code: 'IMAGE_UNKNOWN',
      hint: expect.stringContaining('descriptor'),
    })
  })
})

describe('an extent outside the folder is refused and never looked at:', () => {
  const names = [
    '/etc/shadow',
    '../../../../etc/shadow',
    'sub/web-flat.vmdk',
    '..',
    '.',
    '',
    'C:\\disks\\web-flat.vmdk',
    '..\\web-flat.vmdk',
    'nbd:127.0.0.1:10809',
    'json:{}',
    'https://127.0.0.1/disk',
    'web-flat.vmdk\u0007',
    'web-flat.vmdk\u0085',
    'x'.repeat(256),
  ]
  for (const name of names) {
    test(JSON.stringify(name).slice(0, 60), async () => {
      for (const lines of [[`RW 4096 VMFS "${name}"`], [vmfs, `RW 4096 VMFS "${name}"`]]) {
        expect(await problemWith(descriptor('vmfs', lines))).toMatchObject({
          code: 'IMAGE_REFERS_OUTSIDE',
          summary: expect.stringContaining('is no plain file name'),
        })
      }
    })
  }
})

describe('an extent that is no file is refused:', () => {
  for (const [name, what] of [
    ['link.vmdk', 'symbolic link'],
    ['link-to-flat.vmdk', 'symbolic link'],
    ['pipe.vmdk', 'pipe'],
    ['folder.vmdk', 'folder'],
  ] as const) {
    test(name, async () => {
      expect(await problemWith(descriptor('vmfs', [`RW 4096 VMFS "${name}"`]))).toMatchObject({
        code: 'IMAGE_REFERS_OUTSIDE',
        summary: expect.stringMatching(new RegExp(`${name}.*${what}`)),
      })
    })
  }
})

interface Case {
  readonly name: string
  readonly text: string
  readonly code: ProblemCode
  readonly says: RegExp
}

const cases: readonly Case[] = [
  {
    name: 'a missing extent',
    text: descriptor('vmfs', ['RW 4096 VMFS "gone-flat.vmdk"']),
    code: 'SOURCE_MISSING',
    says: /gone-flat\.vmdk does not exist/,
  },
  {
    name: 'an extent that is too short',
    text: descriptor('vmfs', ['RW 4097 VMFS "web-flat.vmdk"']),
    code: 'IMAGE_CORRUPT',
    says: /has 2097152 bytes.*says 2097664/,
  },
  {
    name: 'an offset past the extent',
    text: descriptor('monolithicFlat', ['RW 4096 FLAT "web-flat.vmdk" 1']),
    code: 'IMAGE_CORRUPT',
    says: /from byte 512/,
  },
  {
    name: 'a sparse extent that is flat',
    text: descriptor('twoGbMaxExtentSparse', ['RW 4096 SPARSE "web-flat.vmdk"']),
    code: 'IMAGE_CORRUPT',
    says: /no sparse VMDK header/,
  },
  {
    name: 'a snapshot, by its parent CID',
    text: descriptor('vmfs', [vmfs], ['parentCID=12345678']),
    code: 'IMAGE_REFERS_OUTSIDE',
    says: /differs from a parent/,
  },
  {
    name: 'a snapshot, by a parent’s name',
    text: descriptor('vmfs', [vmfs], ['parentFileNameHint="/etc/shadow"']),
    code: 'IMAGE_REFERS_OUTSIDE',
    says: /its parent is "\/etc\/shadow"/,
  },
  {
    name: 'a parent in a comment, which qemu finds',
    text: descriptor('vmfs', [vmfs], ['# parentFileNameHint="x"']),
    code: 'IMAGE_REFERS_OUTSIDE',
    says: /parent/,
  },
  {
    name: 'a delta of ESXi',
    text: descriptor('vmfsSparse', ['RW 4096 VMFSSPARSE "web-delta.vmdk"']),
    code: 'IMAGE_UNSUPPORTED',
    says: /vmfsSparse.*differs from a parent/,
  },
  {
    name: 'a delta of ESXi 6.5',
    text: descriptor('seSparse', ['RW 4096 SESPARSE "web-sesparse.vmdk"']),
    code: 'IMAGE_UNSUPPORTED',
    says: /seSparse/,
  },
  {
    name: 'a raw device mapping',
    text: descriptor('vmfsPassthroughRawDeviceMap', ['RW 4096 VMFSRDM "web-rdmp.vmdk"']),
    code: 'IMAGE_UNSUPPORTED',
    says: /RDM/,
  },
  {
    name: 'a physical disk',
    text: descriptor('fullDevice', ['RW 4096 FLAT "/dev/sda" 0']),
    code: 'IMAGE_UNSUPPORTED',
    says: /physical disk/,
  },
  { name: 'a disk in parts', text: descriptor('custom', [vmfs]), code: 'IMAGE_UNSUPPORTED', says: /custom/ },
  {
    name: 'a kind that does not exist',
    text: descriptor('\u001b[2J', [vmfs]),
    code: 'IMAGE_UNSUPPORTED',
    says: /no kind of VMDK/,
  },
  {
    name: 'a snapshot’s extents in a flat disk',
    text: descriptor('vmfs', ['RW 4096 VMFSSPARSE "web-flat.vmdk"']),
    code: 'IMAGE_UNSUPPORTED',
    says: /VMFSSPARSE/,
  },
  {
    name: 'an extent that qemu passes over',
    text: descriptor('monolithicFlat', ['RDONLY 4096 FLAT "web-flat.vmdk" 0']),
    code: 'IMAGE_UNSUPPORTED',
    says: /RDONLY/,
  },
  {
    name: 'zeros without a file',
    text: descriptor('vmfs', [vmfs, 'RW 100 ZERO']),
    code: 'IMAGE_UNSUPPORTED',
    says: /ZERO/,
  },
  { name: 'no extents', text: descriptor('vmfs', []), code: 'IMAGE_CORRUPT', says: /0 extents/ },
  {
    name: 'too many extents',
    text: descriptor('vmfs', Array(4097).fill(vmfs)),
    code: 'IMAGE_CORRUPT',
    says: /4097 extents/,
  },
  {
    name: 'an extent of no sectors',
    text: descriptor('vmfs', ['RW 0 VMFS "web-flat.vmdk"']),
    code: 'IMAGE_CORRUPT',
    says: /no sound extent/,
  },
  {
    name: 'an extent over four lines, which qemu joins',
    text: descriptor('vmfs', ['RW', '1', 'FLAT', '"/etc/shadow" 0']),
    code: 'IMAGE_CORRUPT',
    says: /neither a setting nor an extent|no sound extent/,
  },
  {
    name: 'an extent after a blank line, which qemu reads twice',
    text: descriptor('vmfs', ['', vmfs]),
    code: 'IMAGE_UNSUPPORTED',
    says: /blank line/,
  },
  {
    name: 'an extent without an offset',
    text: descriptor('monolithicFlat', ['RW 4096 FLAT "web-flat.vmdk"']),
    code: 'IMAGE_CORRUPT',
    says: /without an offset/,
  },
  {
    name: 'a disk of 65 TiB',
    text: descriptor('vmfs', [`RW ${65 * 2 ** 31} VMFS "web-flat.vmdk"`]),
    code: 'IMAGE_ABSURD',
    says: /64 TiB/,
  },
  {
    name: 'a disk of 2^53 sectors',
    text: descriptor('vmfs', ['RW 999999999999999 VMFS "web-flat.vmdk"']),
    code: 'IMAGE_ABSURD',
    says: /64 TiB/,
  },
  {
    name: 'a sparse extent twice',
    text: descriptor('twoGbMaxExtentSparse', Array(2).fill('RW 4096 SPARSE "web-flat.vmdk"')),
    code: 'IMAGE_CORRUPT',
    says: /twice/,
  },
  {
    name: 'no createType',
    text: descriptor('vmfs', [vmfs]).replace(/createType.*\n/, ''),
    code: 'IMAGE_CORRUPT',
    says: /no createType/,
  },
  {
    name: 'two createTypes',
    text: descriptor('vmfs', [vmfs], ['createType="custom"']),
    code: 'IMAGE_CORRUPT',
    says: /more than one createType/,
  },
  {
    name: 'an encrypted disk',
    text: descriptor('vmfs', [vmfs], ['ddb.iofilters = "vmwarevmcrypt"']),
    code: 'IMAGE_UNSUPPORTED',
    says: /encrypted/,
  },
  {
    name: 'a NUL with text behind it',
    text: `${descriptor('vmfs', [vmfs])}\0RW 1 VMFS "x"`,
    code: 'IMAGE_CORRUPT',
    says: /NUL/,
  },
  {
    name: 'a line that is nothing',
    text: descriptor('vmfs', [vmfs, 'hello']),
    code: 'IMAGE_CORRUPT',
    says: /line 10 is neither/,
  },
  {
    name: 'a descriptor of a megabyte',
    text: `${descriptor('vmfs', [vmfs])}${'#\n'.repeat(mib / 2)}`,
    code: 'IMAGE_ABSURD',
    says: /1 MiB/,
  },
]

describe('a descriptor is refused:', () => {
  for (const { name, text, code, says } of cases) {
    test(name, async () => {
      const found = await problemWith(text)
      expect(found).toMatchObject({ code, summary: expect.stringMatching(says) })
      expect(found.hint).toBeTruthy()
      expect(found.summary).not.toMatch(/[\0-\x1f]/)
    })
  }

  test('in a stretch of an archive, where its extents cannot be', async () => {
    const text = descriptor('vmfs', [vmfs])
    writeFileSync(path, text)
    const found = await problemIn(header(path, 'vmdk', { stretch: { offsetBytes: 0, lengthBytes: text.length } }))
    expect(found).toMatchObject({ code: 'IMAGE_UNSUPPORTED', hint: expect.stringContaining('unpack') })
  })
})

describe('a sparse VMDK is refused:', () => {
  const sparse = join(folder, 'sparse.vmdk')
  beforeAll(() => {
    qemuImg('create', '-q', '-f', 'vmdk', sparse, '64M')
    execFileSync('qemu-io', ['-f', 'vmdk', '-c', 'write -q 0 64k', '-c', 'write -q 60M 64k', sparse])
  })
  const u64 = (at: number, value: bigint) => (bytes: Buffer) => bytes.writeBigUInt64LE(value, at)
  const inText = (from: string, to: string) => (bytes: Buffer) => {
    const text = bytes.toString('latin1', sector, 21 * sector).replace(/\0+$/, '')
    expect(text).toContain(from)
    bytes.fill(0, sector, 21 * sector)
    bytes.write(
      text.replace(from, () => to),
      sector,
      'latin1',
    )
  }
  const firstTable = (bytes: Buffer) => bytes.readUInt32LE(Number(bytes.readBigUInt64LE(56)) * sector) * sector
  const patches: readonly (readonly [string, (bytes: Buffer) => unknown, ProblemCode, RegExp])[] = [
    ['no capacity, so that qemu follows its extents', u64(12, 0n), 'IMAGE_ABSURD', /0 bytes/],
    ['8 EiB', u64(12, 2n ** 54n), 'IMAGE_ABSURD', /2\^53/],
    ['grains of no bytes', u64(20, 0n), 'IMAGE_ABSURD', /grains of 0 bytes/],
    ['grains of 2 GiB', u64(20, 2n ** 22n), 'IMAGE_ABSURD', /grains of/],
    ['tables of 1024 entries', (bytes) => bytes.writeUInt32LE(1024, 44), 'IMAGE_ABSURD', /1024 entries/],
    ['version 4', (bytes) => bytes.writeUInt32LE(4, 4), 'IMAGE_UNSUPPORTED', /version 4/],
    ['an unknown compression', (bytes) => bytes.writeUInt16LE(7, 77), 'IMAGE_UNSUPPORTED', /method 7/],
    ['a transfer as text', (bytes) => bytes.write('\n \n\n', 73), 'IMAGE_CORRUPT', /transferred as text/],
    [
      'a directory outside the file',
      u64(56, 2n ** 40n),
      'IMAGE_CORRUPT',
      new RegExp(`grain directory is at byte ${2 ** 49}`),
    ],
    ['a descriptor elsewhere', u64(28, 2n), 'IMAGE_UNSUPPORTED', /sector 2/],
    ['a descriptor of 2 MiB', u64(36, 4096n), 'IMAGE_ABSURD', /1 MiB/],
    [
      'a table outside the file',
      (bytes) => bytes.writeUInt32LE(0x7fffffff, Number(bytes.readBigUInt64LE(56)) * sector),
      'IMAGE_CORRUPT',
      /grain table is at byte 1099511627264/,
    ],
    [
      'a grain outside the file',
      (bytes) => bytes.writeUInt32LE(0x7fffffff, firstTable(bytes)),
      'IMAGE_CORRUPT',
      /grain of its disk is at byte 1099511627264/,
    ],
    ['a parent', inText('ffffffff', 'fffffffe'), 'IMAGE_REFERS_OUTSIDE', /parent/],
    [
      'a parent’s name',
      inText('# Extent', 'parentFileNameHint="/etc/shadow"\n#'),
      'IMAGE_REFERS_OUTSIDE',
      /etc\/shadow/,
    ],
    [
      'a parent’s name past what its descriptor is said to be',
      (bytes) => {
        bytes.writeBigUInt64LE(1n, 36)
        bytes.fill('#', sector + bytes.subarray(sector).indexOf(0), 3 * sector)
        bytes.write('\nparentFileNameHint="/etc/shadow"\n', 3 * sector)
      },
      'IMAGE_REFERS_OUTSIDE',
      /parent/,
    ],
    [
      'a parent’s name without a descriptor',
      (bytes) => {
        bytes.writeBigUInt64LE(0n, 28)
        bytes.fill(0, sector, 21 * sector)
        bytes.write('parentFileNameHint="/etc/shadow"', sector)
      },
      'IMAGE_REFERS_OUTSIDE',
      /parent/,
    ],
    [
      'a path in its descriptor',
      inText('"sparse.vmdk"', '"/etc/shadow"'),
      'IMAGE_REFERS_OUTSIDE',
      /no plain file name/,
    ],
    ['two extents in its descriptor', inText('# The Disk', 'RW 1 SPARSE "b.vmdk"\n#'), 'IMAGE_UNSUPPORTED', /just one/],
    [
      'a split kind in its descriptor',
      inText('monolithicSparse', 'twoGbMaxExtentSparse'),
      'IMAGE_UNSUPPORTED',
      /twoGbMaxExtentSparse/,
    ],
    [
      'no descriptor, so part of a split disk',
      (bytes) => bytes.fill(0, sector, 21 * sector),
      'IMAGE_UNSUPPORTED',
      /one extent of a disk/,
    ],
  ]
  for (const [name, change, code, says] of patches) {
    test(name, async () => {
      const copy = patched(sparse, join(folder, 'patched.vmdk'), change)
      expect(await problemIn(header(copy, 'vmdk'))).toMatchObject({
        code,
        summary: expect.stringMatching(says),
        hint: expect.any(String),
      })
    })
  }

  test('cut off', async () => {
    const copy = patched(sparse, join(folder, 'patched.vmdk'), (bytes) => bytes.subarray(0, bytes.length - 2 * 65_536))
    expect(await problemIn(header(copy, 'vmdk'))).toMatchObject({ code: 'IMAGE_CORRUPT' })
  })

  test('an extent of a split disk that holds less than its descriptor says, or has a parent of its own', async () => {
    const split = join(folder, 'split.vmdk')
    qemuImg('create', '-q', '-f', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse', split, '64M')
    const extent = join(folder, 'split-s001.vmdk')
    expect(await header(split, 'vmdk')).toMatchObject({
      virtualBytes: 64 * mib,
      allocatedBytes: 0,
      files: [split, extent],
    })
    patched(extent, extent, (bytes) => bytes.write('parentFileNameHint="/etc/shadow"', sector))
    expect(await problemIn(header(split, 'vmdk'))).toMatchObject({ code: 'IMAGE_REFERS_OUTSIDE' })
    patched(extent, extent, (bytes) => bytes.fill(0, sector, 2 * sector).writeBigUInt64LE(2n, 12))
    expect(await problemIn(header(split, 'vmdk'))).toMatchObject({
      code: 'IMAGE_CORRUPT',
      summary: expect.stringMatching(/holds 1024 bytes/),
    })
  })
})
