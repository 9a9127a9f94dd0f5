import { describe, expect, test } from 'vitest'
import { bootKind, readNtfsBoot } from '../../../src/adapters/copy/swap/ntfs-boot.ts'
import { isLogClean } from '../../../src/adapters/copy/swap/ntfs-log.ts'
import { withoutFixups } from '../../../src/adapters/copy/swap/ntfs-record.ts'
import { decodeRuns } from '../../../src/adapters/copy/swap/ntfs-runs.ts'
import { restartPages } from '../../support/ntfs-log.ts'

const gib = 2 ** 30
const place = { start: 2 ** 20, end: 2 ** 20 + gib }

function boot({ sectorBytes = 512, perCluster = 8, perRecord = -10, sectors = gib / 512, mft = 4, mirror = 100 } = {}) {
  const sector = Buffer.alloc(512)
  sector.write('NTFS    ', 3, 'latin1')
  sector.writeUInt16LE(sectorBytes, 11)
  sector.writeUInt8(perCluster, 13)
  sector.writeBigUInt64LE(BigInt(sectors), 40)
  sector.writeBigUInt64LE(BigInt(mft), 48)
  sector.writeBigUInt64LE(BigInt(mirror), 56)
  sector.writeInt8(perRecord, 64)
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

describe('a boot sector of NTFS', () => {
  test('says how large clusters and records are, in both ways', () => {
    expect(bootKind(boot())).toBe('ntfs')
    const { start } = place
    expect(readNtfsBoot(boot(), place)).toEqual({
      ...{ start, clusterBytes: 4096, clusters: gib / 4096, recordBytes: 1024 },
      ...{ mft: start + 4 * 4096, mirror: start + 100 * 4096 },
    })
    expect(readNtfsBoot(boot({ perCluster: 244 }), place)).toMatchObject({ clusterBytes: 2 ** 21, clusters: 512 })
    expect(readNtfsBoot(boot({ perCluster: 2, perRecord: 1 }), place)).toMatchObject({ recordBytes: 1024 })
    const large = boot({ sectorBytes: 4096, perCluster: 1, perRecord: -12, sectors: gib / 4096 })
    expect(readNtfsBoot(large, place)).toMatchObject({ clusterBytes: 4096, recordBytes: 4096, clusters: gib / 4096 })
  })

  test.each([
    ['no sectors', { sectorBytes: 0 }],
    ['odd sectors', { sectorBytes: 520 }],
    ['no clusters', { perCluster: 0 }],
    ['odd clusters', { perCluster: 3 }],
    ['enormous clusters', { perCluster: 129 }],
    ['enormous records', { perRecord: -31 }],
    ['small records', { perRecord: -8 }],
    ['more sectors than there are', { sectors: gib / 512 + 1 }],
    ['no sector', { sectors: 0 }],
    ['a MFT behind its end', { mft: gib / 4096 }],
    ['a MFT over itself', { mft: 0 }],
    ['one MFT', { mirror: 4 }],
  ])('with %s makes no sense', (_, spoiled) => expect(readNtfsBoot(boot(spoiled), place)).toBeUndefined())
})

describe('the runs of a file', () => {
  const geometry = { start: 0, clusterBytes: 4096, clusters: 1000, recordBytes: 1024, mft: 0, mirror: 0 }
  const decode = (hex: string, count: number) => decodeRuns(Buffer.from(hex, 'hex'), geometry, count)

  test('lie where they say, each counted from the beginning of the one before', () => {
    expect(decode('11180a210864001102bf00', 34)).toEqual([
      { start: 10 * 4096, end: 34 * 4096 },
      { start: 110 * 4096, end: 118 * 4096 },
      { start: 45 * 4096, end: 47 * 4096 },
    ])
  })

  test.each([
    ['more than there are', '11180a00', 23],
    ['fewer than there are', '11180a00', 25],
    ['no end', '11180a', 24],
    ['a run that is cut off', '2118', 24],
    ['a run without a place', '011800', 24],
    ['a run without a length', '100a00', 0],
    ['a run that is empty', '11000a00', 0],
    ['a run of a negative length', '11ff0a00', 1],
    ['a place before the volume', '1118f600', 24],
    ['a place over the boot code', '11180100', 24],
    ['a place behind the volume', '2118e00300', 24],
    ['runs that overlap', '11180a11020100', 26],
    ['numbers larger than any', '8118000000000000000a00', 24],
  ])('are none with %s', (_, hex, count) => expect(decode(hex, count)).toBeUndefined())
})

describe('a log', () => {
  test('is clean when it is empty, or when its newer page says so', () => {
    expect(isLogClean(Buffer.alloc(8192, 0xff))).toBe(true)
    expect(isLogClean(restartPages())).toBe(true)
    expect(isLogClean(restartPages({ clean: false }))).toBe(false)
    expect(isLogClean(restartPages({ lsn: [3n, 2n] }))).toBe(false)
    expect(isLogClean(restartPages({ clean: false, lsn: [3n, 2n] }))).toBe(true)
    const closed = restartPages({ clean: false })
    closed.writeUInt16LE(0xffff, 4096 + 48 + 12)
    expect(isLogClean(closed)).toBe(true)
  })

  test('is not when it is damaged, of Windows that did not leave, or of no log', () => {
    expect(isLogClean(restartPages({ version: 2 }))).toBe(false)
    expect(isLogClean(Buffer.alloc(8192))).toBe(false)
    expect(isLogClean(Buffer.alloc(100, 0xff))).toBe(false)
    const torn = restartPages()
    torn.writeUInt16LE(7, 8190)
    expect(isLogClean(torn)).toBe(false)
    // What is left of it says that Windows left, and is older.
    const newest = restartPages({ clean: false })
    newest.writeUInt16LE(7, 8190)
    expect(isLogClean(newest)).toBe(false)
  })
})

test('ends of sectors are put back, where all of them were written', () => {
  const bytes = restartPages().subarray(0, 4096)
  bytes.writeUInt16LE(0x4242, 32)
  const whole = withoutFixups(bytes, 'RSTR')
  expect(whole?.readUInt16LE(510)).toBe(0x4242)
  expect(bytes.readUInt16LE(510)).toBe(0x1234)
  expect(withoutFixups(bytes, 'FILE')).toBeUndefined()
  expect(withoutFixups(bytes.subarray(0, 2048), 'RSTR')).toBeUndefined()
})
