import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ImageFormat } from '../../../src/core/image.ts'
import { qemuImg } from '../../support/machines.ts'
import { resumVhdx } from './checksums.ts'
import { descriptor } from './esxi-vmdk.ts'
import { driverOf, header, mib, problemIn, sharedFolder } from './images.ts'

const folder = sharedFolder()
const largest = 64n * 2n ** 40n

beforeAll(() => {
  for (const format of ['vmdk', 'qcow2', 'vhdx', 'vdi'] as const) {
    qemuImg('create', '-q', '-f', driverOf(format), join(folder, `disk.${format}`), '8M')
  }
})

/** The sound image with changes, and holes behind it: what a few megabytes can claim. */
function claiming(format: ImageFormat, fileBytes: number, change: (bytes: Buffer) => void): string {
  const bytes = readFileSync(join(folder, `disk.${format}`))
  change(bytes)
  const path = join(folder, `claiming.${format}`)
  const file = openSync(path, 'w')
  writeSync(file, bytes)
  ftruncateSync(file, fileBytes)
  closeSync(file)
  return path
}

const claims: readonly (readonly [string, ImageFormat, number, (bytes: Buffer) => void])[] = [
  [
    'a VMDK of 64 TiB in grains of 4 KiB, with a directory of 128 MiB',
    'vmdk',
    2 ** 30,
    (bytes) => {
      bytes.writeBigUInt64LE(largest / 512n, 12)
      bytes.writeBigUInt64LE(8n, 20)
      bytes.writeBigUInt64LE(2n ** 11n, 56)
    },
  ],
  [
    'a qcow2 image with a first table of 32 MiB',
    'qcow2',
    2 ** 30,
    (bytes) => {
      bytes.writeUInt32BE(13, 20)
      bytes.writeBigUInt64BE(largest / 2n, 24)
      bytes.writeUInt32BE(2 ** 22, 36)
      bytes.writeBigUInt64BE(2n ** 24n, 40)
    },
  ],
  [
    'a VHDX image of 16 TiB in blocks of 1 MiB, with a block table of 128 MiB',
    'vhdx',
    2 ** 31,
    (bytes) => {
      const metadata = bytes.indexOf('metadata', mib)
      const at = (guid: string) => metadata + bytes.readUInt32LE(bytes.indexOf(Buffer.from(guid, 'hex'), metadata) + 16)
      bytes.writeUInt32LE(mib, at('3767a1ca'))
      bytes.writeBigUInt64LE(largest / 4n, at('2442a52f'))
      const region = bytes.indexOf(Buffer.from('6677c22d', 'hex'), 192 * 1024)
      bytes.writeBigUInt64LE(2n ** 24n, region + 16)
      bytes.writeUInt32LE(2 ** 30, region + 24)
      resumVhdx(bytes)
    },
  ],
]

describe('what an image claims is read in bounded time and memory:', () => {
  for (const [name, format, fileBytes, change] of claims) {
    test(name, async () => {
      const path = claiming(format, fileBytes, change)
      const before = process.resourceUsage().maxRSS
      expect(await header(path, format)).toMatchObject({ allocatedBytes: 0 })
      const grownMib = (process.resourceUsage().maxRSS - before) / 1024
      expect(grownMib, 'MiB of memory').toBeLessThan(150)
    })
  }

  for (const [name, line] of [
    ['blanks inside a line', `a${' '.repeat(900_000)}b`],
    ['blanks inside a setting', `a${' '.repeat(450_000)}=${' '.repeat(450_000)}b`],
    ['blanks after the word for a parent', `parentFileNameHint${' '.repeat(900_000)}x`],
    ['blanks in an extent', `RW 1 VMFS${' '.repeat(900_000)}x`],
    ['an extent of digits', `RW ${'1'.repeat(900_000)}`],
    ['signs of equality', '='.repeat(900_000)],
    ['lines', 'a=\n'.repeat(300_000)],
    ['settings', Array.from({ length: 100_000 }, (_, index) => `a${index}=1`).join('\n')],
  ] as const) {
    test(`a VMDK descriptor of ${name}`, async () => {
      const path = join(folder, 'long.vmdk')
      writeFileSync(path, descriptor('vmfs', [line]))
      expect(await problemIn(header(path, 'vmdk'))).toMatchObject({ code: expect.stringMatching(/^IMAGE_/) })
    })
  }
})
