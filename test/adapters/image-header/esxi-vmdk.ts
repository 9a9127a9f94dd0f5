import { deflateSync } from 'node:zlib'
import { sector } from './images.ts'

const tableEntries = 512

/**
 * A stream-optimized VMDK as VMware writes it: compressed grains with markers, each grain table after its grains, and
 * the grain directory at the end, which only the footer points to.
 * @param leastBytes the data of a grain that take less are padded to so many
 */
export function streamOptimized(
  disk: Buffer,
  extentName = 'generated-stream.vmdk',
  { leastBytes = 0, grainSectors = 128 }: { readonly leastBytes?: number; readonly grainSectors?: number } = {},
): Buffer {
  const grainBytes = grainSectors * sector
  const parts: Buffer[] = []
  let sectors = 0
  const add = (bytes: Buffer): number => {
    const padded = Buffer.alloc(Math.ceil(bytes.length / sector) * sector)
    bytes.copy(padded)
    parts.push(padded)
    sectors += padded.length / sector
    return sectors - padded.length / sector
  }
  const capacity = disk.length / sector
  add(sparseHeader(capacity, 0xffffffffffffffffn, grainSectors))
  const text = Buffer.alloc(20 * sector)
  text.write(descriptor('streamOptimized', [`RDONLY ${capacity} SPARSE "${extentName}"`]))
  add(text)
  add(Buffer.alloc((128 - sectors) * sector))

  const directory: number[] = []
  for (let start = 0; start < disk.length; start += grainBytes * tableEntries) {
    const table = Buffer.alloc(tableEntries * 4)
    for (let index = 0; index < tableEntries; index += 1) {
      const at = start + index * grainBytes
      const grain = disk.subarray(at, at + grainBytes)
      if (grain.every((byte) => byte === 0)) continue
      const deflated = deflateSync(
        grain.length === grainBytes ? grain : Buffer.concat([grain, Buffer.alloc(grainBytes - grain.length)]),
      )
      const data = Buffer.concat([deflated, Buffer.alloc(Math.max(0, leastBytes - deflated.length))])
      const marker = Buffer.alloc(12)
      marker.writeBigUInt64LE(BigInt(at / sector), 0)
      marker.writeUInt32LE(data.length, 8)
      table.writeUInt32LE(add(Buffer.concat([marker, data])), index * 4)
    }
    if (table.every((byte) => byte === 0)) directory.push(0)
    else {
      add(marker(table.length / sector, 1))
      directory.push(add(table))
    }
  }
  const entries = Buffer.alloc(directory.length * 4)
  for (const [index, offset] of directory.entries()) entries.writeUInt32LE(offset, index * 4)
  add(marker(Math.ceil(entries.length / sector), 2))
  const directoryAt = add(entries)
  add(marker(1, 3))
  add(sparseHeader(capacity, BigInt(directoryAt), grainSectors))
  add(Buffer.alloc(sector))
  return Buffer.concat(parts)
}

/** The text of a descriptor with these extent lines. */
export function descriptor(createType: string, extents: readonly string[], settings: readonly string[] = []): string {
  return [
    '# Disk DescriptorFile',
    'version=1',
    'encoding="UTF-8"',
    'CID=fffffffe',
    ...(settings.some((line) => line.startsWith('parentCID')) ? [] : ['parentCID=ffffffff']),
    `createType="${createType}"`,
    ...settings,
    '',
    '# Extent description',
    ...extents,
    '',
    '# The Disk Data Base',
    '#DDB',
    '',
    'ddb.adapterType = "lsilogic"',
    'ddb.geometry.cylinders = "5"',
    'ddb.thinProvisioned = "1"',
    'ddb.virtualHWVersion = "13"',
    '',
  ].join('\n')
}

/** A marker in front of metadata of so many sectors. */
export function marker(sectors: number, type: number): Buffer {
  const bytes = Buffer.alloc(sector)
  bytes.writeUInt32LE(sectors, 0)
  bytes.writeUInt32LE(type, 12)
  return bytes
}

/** The header of a sparse extent, with a descriptor in the 20 sectors behind it; a streamOptimized one where nothing else is said. */
export function sparseHeader(
  capacity: number,
  directoryAt: bigint,
  grainSectors: number,
  { version = 3, flags = 0x30001, grainsAt = 128, compressed = true } = {},
): Buffer {
  const bytes = Buffer.alloc(sector)
  bytes.write('KDMV')
  bytes.writeUInt32LE(version, 4)
  bytes.writeUInt32LE(flags, 8)
  for (const [at, value] of [
    [12, capacity],
    [20, grainSectors],
    [28, 1],
    [36, 20],
    [64, grainsAt],
  ] as const) {
    bytes.writeBigUInt64LE(BigInt(value), at)
  }
  bytes.writeUInt32LE(tableEntries, 44)
  bytes.writeBigUInt64LE(directoryAt, 56)
  bytes.write('\n \r\n', 73)
  bytes.writeUInt16LE(compressed ? 1 : 0, 77)
  return bytes
}
