import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { driverPaths } from '../../../../src/adapters/guestfs/virt-v2v/drivers.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-drivers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sectorBytes = 2048

interface Entry {
  readonly name: string
  readonly sector: number
  readonly isFolder?: true
}

function record({ name, sector, isFolder }: Entry, utf16: boolean): Buffer {
  const text = utf16 ? Buffer.from(name, 'utf16le').swap16() : Buffer.from(name, 'latin1')
  const bytes = Buffer.alloc(34 + text.length + (text.length % 2))
  bytes[0] = bytes.length
  bytes.writeUInt32LE(sector, 2)
  bytes.writeUInt32LE(isFolder ? sectorBytes : 5, 10)
  bytes[25] = isFolder ? 2 : 0
  bytes[32] = text.length
  text.copy(bytes, 33)
  return bytes
}

/** An ISO with the folders given, each in one sector from 20 on; the first is the root. */
function writeIso(name: string, folders: readonly (readonly Entry[])[], utf16 = false): string {
  const image = Buffer.alloc((20 + folders.length) * sectorBytes)
  const descriptor = (sector: number, kind: number) => {
    image[sector * sectorBytes] = kind
    image.write('CD001', sector * sectorBytes + 1, 'latin1')
  }
  descriptor(16, 1)
  descriptor(17, utf16 ? 2 : 255)
  if (utf16) image.write('%/E', 17 * sectorBytes + 88, 'latin1')
  const root = { name: '\0', sector: 20, isFolder: true } as const
  record(root, false).copy(image, (utf16 ? 17 : 16) * sectorBytes + 156)
  for (const [index, entries] of folders.entries()) {
    const dots = [record(root, false), record({ ...root, name: '\x01' }, false)]
    Buffer.concat([...dots, ...entries.map((entry) => record(entry, utf16))]).copy(image, (20 + index) * sectorBytes)
  }
  const path = join(folder, name)
  writeFileSync(path, image)
  return path
}

describe('what is in virtio-win', () => {
  it('is read from a folder, through links', async () => {
    const there = join(folder, 'tree')
    mkdirSync(join(there, 'viostor/w10/amd64'), { recursive: true })
    writeFileSync(join(there, 'viostor/w10/amd64/viostor.sys'), '')
    symlinkSync('viostor', join(there, 'again'))
    symlinkSync('nowhere', join(there, 'dangling'))
    expect((await driverPaths(there)).toSorted()).toEqual([
      'again/w10/amd64/viostor.sys',
      'dangling',
      'viostor/w10/amd64/viostor.sys',
    ])
  })

  it('is read from an ISO, by its long names where it has some', async () => {
    const plain = writeIso('plain.iso', [
      [{ name: 'VIOSTOR', sector: 21, isFolder: true }],
      [
        { name: 'VIOSTOR.SYS;1', sector: 9 },
        { name: 'README.;1', sector: 9 },
      ],
    ])
    expect(await driverPaths(plain)).toEqual(['VIOSTOR/VIOSTOR.SYS', 'VIOSTOR/README'])
    const long = writeIso(
      'long.iso',
      [[{ name: 'w8.1', sector: 21, isFolder: true }], [{ name: 'netkvm.inf', sector: 9 }]],
      true,
    )
    expect(await driverPaths(long)).toEqual(['w8.1/netkvm.inf'])
  })

  it('is refused where it makes no sense', async () => {
    const loop = writeIso('loop.iso', [[{ name: 'A', sector: 20, isFolder: true }]])
    const beyond = writeIso('beyond.iso', [[{ name: 'A', sector: 9999, isFolder: true }]])
    const other = join(folder, 'other')
    writeFileSync(other, 'text')
    for (const path of [loop, beyond, other, join(folder, 'none'), '/dev/null'])
      await expect(driverPaths(path)).rejects.toThrow(/FILE_UNREADABLE/)
  })
})
