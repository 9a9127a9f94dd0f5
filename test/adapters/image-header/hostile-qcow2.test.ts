import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProblemCode } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'
import { header, inTurn, mib, patched, problemIn, sharedFolder } from './images.ts'

const folder = sharedFolder()
const path = join(folder, 'disk.qcow2')
const cluster = 65_536

beforeAll(() => {
  qemuImg('create', '-q', '-f', 'qcow2', path, '64M')
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q 0 128k', '-c', 'write -q -z 1M 64k', path])
})

const u32 = (at: number, value: number) => (bytes: Buffer) => bytes.writeUInt32BE(value, at)
const u64 = (at: number, value: bigint) => (bytes: Buffer) => bytes.writeBigUInt64BE(value, at)
const firstTable = (bytes: Buffer) => Number(bytes.readBigUInt64BE(40))
const secondTable = (bytes: Buffer) => Number(bytes.readBigUInt64BE(firstTable(bytes)) & 0xfffffffffffe00n)
const extension =
  (type: number, data: string, length = data.length) =>
  (bytes: Buffer) => {
    const at = bytes.readUInt32BE(100)
    bytes.writeUInt32BE(type, at)
    bytes.writeUInt32BE(length, at + 4)
    bytes.write(data, at + 8)
  }
const backing = (name: string) => (bytes: Buffer) => {
  bytes.writeBigUInt64BE(4096n, 8)
  bytes.writeUInt32BE(Buffer.byteLength(name), 16)
  bytes.write(name, 4096)
}

const patches: readonly (readonly [string, (bytes: Buffer) => unknown, ProblemCode, RegExp])[] = [
  ['a backing file', backing('/etc/shadow'), 'IMAGE_REFERS_OUTSIDE', /backing file, "\/etc\/shadow"/],
  ['a json: backing file', backing('json:{"driver":"nbd"}'), 'IMAGE_REFERS_OUTSIDE', /json:/],
  [
    'a backing file whose name rings and rewrites the line',
    backing('a\r\u0007\u202eb'),
    'IMAGE_REFERS_OUTSIDE',
    /"a\\r\\u0007\\u\{202e\}b"/,
  ],
  ['a backing file name of 4 GiB', inTurn(backing('x'), u32(16, 2 ** 32 - 1)), 'IMAGE_ABSURD', /4294967295 bytes/],
  ['a backing file name outside', u64(8, 2n ** 60n), 'IMAGE_ABSURD', /backing file name/],
  ['a length of a name without a place', u32(16, 5), 'IMAGE_REFERS_OUTSIDE', /backing file/],
  ['a data file, by its bit', u64(72, 4n), 'IMAGE_REFERS_OUTSIDE', /data in another file/],
  [
    'a data file, by its extension',
    extension(0x44415441, '/etc/shadow'),
    'IMAGE_REFERS_OUTSIDE',
    /data in another file/,
  ],
  ['an extension that does not end', extension(0x6803f857, '', 2 ** 31), 'IMAGE_CORRUPT', /does not end/],
  ['AES encryption', u32(32, 1), 'IMAGE_UNSUPPORTED', /encrypted/],
  ['LUKS encryption', u32(32, 2), 'IMAGE_UNSUPPORTED', /encrypted/],
  ['an unknown feature', u64(72, 32n), 'IMAGE_UNSUPPORTED', /feature/],
  ['the highest unknown feature', u64(72, 2n ** 63n), 'IMAGE_UNSUPPORTED', /feature/],
  ['the corrupt bit', u64(72, 2n), 'IMAGE_CORRUPT', /marked as corrupt/],
  ['an unknown compression', (bytes) => bytes.writeUInt8(9, 104), 'IMAGE_UNSUPPORTED', /feature/],
  ['version 4', u32(4, 4), 'IMAGE_UNSUPPORTED', /version 4/],
  ['version 1', u32(4, 1), 'IMAGE_UNSUPPORTED', /version 1/],
  ['clusters of 2^8', u32(20, 8), 'IMAGE_ABSURD', /2\^8/],
  ['clusters of 2^22', u32(20, 22), 'IMAGE_ABSURD', /2\^22/],
  ['clusters of 2^4294967295', u32(20, 2 ** 32 - 1), 'IMAGE_ABSURD', /clusters/],
  ['8 EiB', u64(24, 2n ** 63n), 'IMAGE_ABSURD', /2\^53/],
  ['65 TiB', u64(24, 65n * 2n ** 40n), 'IMAGE_ABSURD', /64 TiB/],
  ['no bytes', u64(24, 0n), 'IMAGE_ABSURD', /0 bytes/],
  ['half a sector', u64(24, 1000n), 'IMAGE_ABSURD', /1000 bytes/],
  ['a first table of 2^32 entries', u32(36, 2 ** 32 - 1), 'IMAGE_ABSURD', /first table/],
  ['a first table that is too small', u64(24, 2n ** 40n), 'IMAGE_CORRUPT', /first table/],
  ['a first table outside', u64(40, 2n ** 50n), 'IMAGE_CORRUPT', /first table is at byte 1125899906842624/],
  ['a header of 50 bytes', u32(100, 50), 'IMAGE_CORRUPT', /header of 50/],
  ['a header of 4 GiB', u32(100, 2 ** 32 - 1), 'IMAGE_CORRUPT', /header of/],
  [
    'a second table outside',
    (bytes) => bytes.writeBigUInt64BE(2n ** 40n, firstTable(bytes)),
    'IMAGE_CORRUPT',
    /second table is at byte 1099511627776/,
  ],
  [
    'a second table inside a cluster',
    (bytes) => bytes.writeBigUInt64BE(512n, firstTable(bytes)),
    'IMAGE_CORRUPT',
    /inside a cluster/,
  ],
  [
    'a cluster outside',
    (bytes) => bytes.writeBigUInt64BE(2n ** 41n, secondTable(bytes)),
    'IMAGE_CORRUPT',
    /cluster of its disk is at byte 2199023255552/,
  ],
  [
    'a compressed cluster outside',
    (bytes) => bytes.writeBigUInt64BE(2n ** 62n + 2n ** 41n, secondTable(bytes)),
    'IMAGE_CORRUPT',
    /at byte 2199023255552/,
  ],
  ['a file that is cut off', (bytes) => bytes.subarray(0, bytes.length - 2 * cluster), 'IMAGE_CORRUPT', /ends at byte/],
  ['a file of a header', (bytes) => bytes.subarray(0, 60), 'IMAGE_CORRUPT', /ends at byte 60/],
]

describe('a qcow2 image is refused:', () => {
  for (const [name, change, code, says] of patches) {
    test(name, async () => {
      const copy = patched(path, join(folder, 'patched.qcow2'), change)
      const found = await problemIn(header(copy, 'qcow2'))
      expect(found).toMatchObject({ code, summary: expect.stringMatching(says), hint: expect.any(String) })
      expect(found.summary).not.toMatch(/[\0-\x1f\u202e]/)
    })
  }

  test('with a backing file or a data file that qemu-img gave it', async () => {
    const overlay = join(folder, 'overlay.qcow2')
    qemuImg('create', '-q', '-f', 'qcow2', '-b', path, '-F', 'qcow2', overlay)
    expect(await problemIn(header(overlay, 'qcow2'))).toMatchObject({
      code: 'IMAGE_REFERS_OUTSIDE',
      summary: expect.stringContaining(path),
    })
    const apart = join(folder, 'apart.qcow2')
    qemuImg('create', '-q', '-f', 'qcow2', '-o', `data_file=${join(folder, 'apart.raw')}`, apart, '1M')
    expect(await problemIn(header(apart, 'qcow2'))).toMatchObject({ code: 'IMAGE_REFERS_OUTSIDE' })
  })
})

describe('a qcow2 image is taken', () => {
  test('and clusters that read as zeros do not count', async () => {
    expect(await header(path, 'qcow2')).toMatchObject({ virtualBytes: 64 * mib, allocatedBytes: 2 * cluster })
  })

  test('with snapshots in it, of which only the present state counts', async () => {
    const kept = join(folder, 'kept.qcow2')
    qemuImg('create', '-q', '-f', 'qcow2', kept, '1G')
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q 0 64k', kept])
    qemuImg('snapshot', '-c', 'before', kept)
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q 0 64k', '-c', 'write -q 900M 64k', kept])
    expect(await header(kept, 'qcow2')).toMatchObject({ allocatedBytes: 2 * cluster })
  })

  // 2^16 second tables are read; more are taken to be full.
  for (const [entries, allocatedBytes] of [
    [2 ** 16, 2 ** 16 * cluster],
    [2 ** 17, 64 * 2 ** 40],
  ] as const) {
    test(`in bounded time, when ${entries} entries name one table`, async () => {
      const shared = join(folder, 'shared.qcow2')
      const secondAt = BigInt(cluster + entries * 8)
      const start = readFileSync(path).subarray(0, cluster)
      start.writeBigUInt64BE(BigInt(entries) * 2n ** 29n, 24)
      start.writeUInt32BE(entries, 36)
      start.writeBigUInt64BE(BigInt(cluster), 40)
      const first = Buffer.alloc(entries * 8)
      for (let at = 0; at < first.length; at += 8) first.writeBigUInt64BE(secondAt, at)
      const second = Buffer.alloc(cluster)
      second.writeBigUInt64BE(secondAt, 0)
      writeFileSync(shared, Buffer.concat([start, first, second]))
      expect(await header(shared, 'qcow2')).toMatchObject({ allocatedBytes })
    })
  }
})
