import { execFileSync } from 'node:child_process'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createRunner } from '../../../../src/adapters/exec/runner.ts'
import { createInflate } from '../../../../src/adapters/guestfs/inflate.ts'
import { initramfsNames } from '../../../../src/adapters/guestfs/inspect/initramfs.ts'
import { hasModule } from '../../../../src/adapters/guestfs/inspect/kernels.ts'
import { temporaryFolder } from '../../../support/machines.ts'

/** An archive as `cpio -H newc` makes it. */
function cpio(files: Readonly<Record<string, string>>): Buffer {
  const member = (name: string, content: string) => {
    const fields = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0]
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`
    const padded = header.padEnd(Math.ceil(header.length / 4) * 4, '\0')
    return padded + content.padEnd(Math.ceil(content.length / 4) * 4, '\0')
  }
  const all = Object.entries(files).map(([name, content]) => member(name, content))
  const bytes = Buffer.from([...all, member('TRAILER!!!', '')].join(''), 'latin1')
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 511)])
}

const microcode = cpio({ 'kernel/x86/microcode/GenuineIntel.bin': 'x'.repeat(5) })
const main = cpio({
  init: '#!/bin/sh',
  'usr/lib/modules/6.1/kernel/drivers/block/virtio_blk.ko.xz': 'x'.repeat(70_000),
})

function lz4(bytes: Buffer): Buffer {
  // Literals only: a token, its length in bytes of 255, and the bytes.
  const rest = bytes.length - 15
  const length = Buffer.concat([Buffer.alloc(Math.floor(rest / 255), 255), Buffer.from([rest % 255])])
  const block = Buffer.concat([Buffer.from([0xf0]), length, bytes])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(block.length)
  return Buffer.concat([Buffer.from([0x02, 0x21, 0x4c, 0x18]), size, block])
}

const names = (bytes: Uint8Array) =>
  initramfsNames(bytes, createInflate(createRunner(), temporaryFolder(), new AbortController().signal))

describe('the files of an initramfs', () => {
  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['lz4', lz4],
    ['xz', (bytes: Buffer) => execFileSync('xz', ['-c'], { input: bytes })],
  ] as const)('%s, after the microcode', async (_, compress) => {
    const found = await names(Buffer.concat([microcode, compress(main)]))
    expect(found).toEqual([
      'kernel/x86/microcode/GenuineIntel.bin',
      'init',
      'usr/lib/modules/6.1/kernel/drivers/block/virtio_blk.ko.xz',
    ])
  })

  it('are unknown where it is cut off, broken or something else', async () => {
    for (const bytes of [
      gzipSync(main).subarray(0, 100),
      main.subarray(0, 60),
      Buffer.from('#!/bin/sh'),
      Buffer.alloc(0),
    ]) {
      expect(await names(bytes)).toBeUndefined()
    }
  })
})

it('a module is known by its name, compressed or not', () => {
  const paths = [
    'kernel/drivers/block/virtio_blk.ko.zst',
    'kernel/net/virtio_net.ko',
    'kernel/drivers/my_virtio_scsi.ko',
  ]
  expect(hasModule(paths, 'virtio_blk')).toBe(true)
  expect(hasModule(paths, 'virtio_net')).toBe(true)
  expect(hasModule(paths, 'virtio_scsi')).toBe(false)
})
