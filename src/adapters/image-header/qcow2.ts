import type { ImageBytes } from './bytes.ts'
import { diskSize, fault, quoted, told } from './faults.ts'
import type { Found } from './found.ts'
import { u64be } from './numbers.ts'
import { type AllocatedClusters, allocatedClusters } from './qcow2-clusters.ts'
import { shellWord } from './source-failure.ts'
import { unusual } from './unusual.ts'

/** Incompatible features, by bit: a reader must know every one that is set. */
const corruptBit = 1 << 1
const dataFileBit = 1 << 2
const extendedTablesBit = 1 << 4
const knownBits = 0b11111

const dataFileExtension = 0x44415441
const mostTableBytes = 2 ** 25

/**
 * qemu's image, versions 2 and 3, as its `docs/interop/qcow2.txt` has it.
 * @throws ProblemError IMAGE_REFERS_OUTSIDE for a backing file or a data file, by whatever name
 */
export async function readQcow2(image: ImageBytes): Promise<Found> {
  const header = await readHeader(image)
  await refuseOtherFiles(image, header)
  if (header.encryption !== 0) {
    throw fault(image, 'IMAGE_UNSUPPORTED', 'is encrypted', {
      hint: 'decrypt it into another qcow2 image with `qemu-img convert` and its secret',
    })
  }
  if (header.unknownBits !== 0n || header.compression > 1) {
    throw fault(image, 'IMAGE_UNSUPPORTED', 'uses a feature of qcow2 that h2k does not know', {
      detail: `unknown incompatible features 0x${header.unknownBits.toString(16)}, compression ${header.compression}`,
    })
  }
  if (header.bits & corruptBit) {
    throw fault(image, 'IMAGE_CORRUPT', 'is marked as corrupt by the program that wrote it last', {
      hint: `on a copy of it: qemu-img check -f qcow2 -r all ${shellWord(image.path)}`,
    })
  }
  const virtualBytes = diskSize(image, header.sizeBytes)
  if (header.tableEntries * 8 > mostTableBytes) {
    throw fault(image, 'IMAGE_ABSURD', `has a first table of ${header.tableEntries} entries; 32 MiB is the most`)
  }
  const extended = (header.bits & extendedTablesBit) !== 0
  const allocated = await allocatedClusters(image, {
    virtualBytes,
    clusterBits: header.clusterBits,
    tableOffset: header.tableOffset,
    tableEntries: header.tableEntries,
    extended,
    zeroBit: header.version === 3,
  })
  return {
    variant: `v${header.version}`,
    ...unusual(2 ** header.clusterBits, extended ? 'subclusters' : unread(allocated)),
    virtualBytes,
    allocatedBytes: allocated.bytes,
  }
}

function unread({ compressed }: AllocatedClusters): string | undefined {
  if (compressed === undefined) return 'very many tables'
  return compressed ? 'compressed clusters' : undefined
}

type Header = Awaited<ReturnType<typeof readHeader>>

async function readHeader(image: ImageBytes) {
  const fields = await image.read(0, 72, 'header')
  const version = fields.readUInt32BE(4)
  if (version !== 2 && version !== 3) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `is a qcow image of version ${version}, not 2 or 3`)
  }
  const clusterBits = fields.readUInt32BE(20)
  if (clusterBits < 9 || clusterBits > 21) {
    throw fault(image, 'IMAGE_ABSURD', `has clusters of 2^${clusterBits} bytes, not 2^9 to 2^21`)
  }
  const further = version === 3 ? await image.read(72, 32, 'header') : Buffer.alloc(32)
  const length = version === 3 ? further.readUInt32BE(28) : 72
  if (length > 2 ** clusterBits || (version === 3 && length < 104)) {
    throw fault(image, 'IMAGE_CORRUPT', `has a header of ${length} bytes`)
  }
  const features = further.readBigUInt64BE(0)
  return {
    version,
    clusterBits,
    length,
    backing: { offset: u64be(fields, 8), length: fields.readUInt32BE(16) },
    sizeBytes: u64be(fields, 24),
    encryption: fields.readUInt32BE(32),
    tableEntries: fields.readUInt32BE(36),
    tableOffset: u64be(fields, 40),
    bits: Number(features & BigInt(knownBits)),
    unknownBits: features & ~BigInt(knownBits),
    compression: length > 104 ? (await image.read(104, 1, 'header')).readUInt8(0) : 0,
  }
}

async function refuseOtherFiles(image: ImageBytes, { backing, clusterBits, length, bits }: Header): Promise<void> {
  const clusterBytes = Math.min(2 ** clusterBits, image.lengthBytes)
  if (backing.offset !== 0 || backing.length !== 0) {
    if (backing.length > 1023 || backing.offset + backing.length > clusterBytes) {
      throw fault(
        image,
        'IMAGE_ABSURD',
        `has a backing file name of ${backing.length} bytes at byte ${told(backing.offset)}`,
      )
    }
    const name = (await image.read(backing.offset, backing.length, 'backing file name')).toString('utf8')
    throw fault(image, 'IMAGE_REFERS_OUTSIDE', `has a backing file, ${quoted(name)}`, {
      hint: `merge them where both are trusted: qemu-img convert -f qcow2 -O qcow2 ${shellWord(image.path)} whole.qcow2`,
    })
  }
  const extensions = bits & dataFileBit ? [dataFileExtension] : await extensionTypes(image, length, clusterBytes)
  if (extensions.includes(dataFileExtension)) {
    throw fault(image, 'IMAGE_REFERS_OUTSIDE', 'keeps its data in another file', {
      hint: `join them where both are trusted: qemu-img convert -f qcow2 -O qcow2 ${shellWord(image.path)} whole.qcow2`,
    })
  }
}

/** The types of the header extensions, which end with a type 0 or with the first cluster. */
async function extensionTypes(image: ImageBytes, start: number, end: number): Promise<readonly number[]> {
  const types: number[] = []
  const area = await image.read(0, end, 'header')
  for (let at = start; at + 8 <= end; ) {
    const type = area.readUInt32BE(at)
    if (type === 0) break
    types.push(type)
    at += 8 + Math.ceil(area.readUInt32BE(at + 4) / 8) * 8
    if (at > end) throw fault(image, 'IMAGE_CORRUPT', `has a header extension 0x${type.toString(16)} that does not end`)
  }
  return types
}
