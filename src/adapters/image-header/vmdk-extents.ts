import { isUtf8 } from 'node:buffer'
import { dirname, join } from 'node:path'
import { type ImageBytes, withExtent } from './bytes.ts'
import { diskSize, fault, quoted } from './faults.ts'
import type { Found } from './found.ts'
import type { Descriptor, ExtentLine } from './vmdk-descriptor.ts'
import { embeddedDescriptor } from './vmdk-embedded.ts'
import { allocatedGrains } from './vmdk-grains.ts'
import { readSparseHeader } from './vmdk-sparse.ts'

const sector = 512
/** 8 TiB in extents of 2 GiB. */
const mostExtents = 4096
const flatTypes = ['FLAT', 'VMFS']

/**
 * Reads the extents of a descriptor, which are files beside it. None is looked at before the names of all are known to
 * be plain.
 * @throws ProblemError IMAGE_REFERS_OUTSIDE, SOURCE_MISSING, IMAGE_UNSUPPORTED, IMAGE_CORRUPT
 */
export async function readExtents(image: ImageBytes, descriptor: Descriptor, signal: AbortSignal): Promise<Found> {
  const { createType, extents } = descriptor
  if (extents.length === 0 || extents.length > mostExtents) {
    throw fault(
      image,
      'IMAGE_CORRUPT',
      `has a descriptor with ${extents.length} extents; there are 1 to ${mostExtents}`,
    )
  }
  const types = createType === 'twoGbMaxExtentSparse' ? ['SPARSE'] : flatTypes
  const files = extents.map((extent) => {
    refuseMisread(image, extent, types)
    return { ...extent, path: join(dirname(image.path), plainName(image, extent)) }
  })
  // Read once for each time it is named, a sparse extent could keep h2k busy for hours.
  if (types.includes('SPARSE') && new Set(files.map(({ path }) => path)).size < files.length) {
    throw fault(image, 'IMAGE_CORRUPT', 'has a descriptor that names a sparse extent twice')
  }
  const virtualBytes = diskSize(image, extents.reduce((total, { sectors }) => total + sectors, 0) * sector)

  let allocatedBytes = 0
  for (const { path, sectors, type, offsetSectors } of files) {
    const bytes = sectors * sector
    allocatedBytes += await withExtent(path, signal, (extent) =>
      type === 'SPARSE' ? sparse(extent, bytes) : flat(extent, bytes, (offsetSectors ?? 0) * sector),
    )
  }
  return { variant: createType, virtualBytes, allocatedBytes, furtherFiles: files.map(({ path }) => path) }
}

/**
 * The file that an extent names, a plain name in the descriptor's folder.
 * @throws ProblemError IMAGE_REFERS_OUTSIDE for all others: paths, URLs, qemu's protocols such as `nbd:` and `json:`
 */
export function plainName(image: ImageBytes, { file, line }: ExtentLine): string {
  const bytes = Buffer.from(file ?? '', 'latin1')
  const name = isUtf8(bytes) ? bytes.toString('utf8') : (file ?? '')
  if (name === '' || name === '.' || name === '..' || bytes.length > 255 || /[/\\:\0-\x1f\x7f-\x9f]/.test(name)) {
    throw fault(image, 'IMAGE_REFERS_OUTSIDE', `names ${quoted(name)} as an extent, which is no plain file name`, {
      hint: `if you trust it: put the extent beside its descriptor and write its plain name in line ${line}`,
    })
  }
  if (!isUtf8(bytes)) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `names ${quoted(name)} as an extent, in an encoding other than UTF-8`, {
      hint: `rename the extent to an ASCII name, also in line ${line} of the descriptor`,
    })
  }
  return name
}

/** qemu passes silently over extents it does not take, and the rest of the disk moves to their place. */
function refuseMisread(image: ImageBytes, extent: ExtentLine, types: readonly string[]): void {
  const { line, access, type, offsetSectors, afterBlankLine } = extent
  const says = `has a descriptor whose line ${line}`
  if (access !== 'RW') {
    throw fault(image, 'IMAGE_UNSUPPORTED', `${says} has an extent with the access ${access}, not RW`, {
      hint:
        access === 'RDONLY' ? `change RDONLY to RW in line ${line} of a copy of it` : 'consolidate it in VMware first',
    })
  }
  if (!types.includes(type)) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `${says} has an extent of the type ${type}, not ${types.join(' or ')}`, {
      hint: 'export the disk as OVF, or clone it in VMware into one file',
    })
  }
  if ((type === 'FLAT') !== (offsetSectors !== undefined)) {
    throw fault(image, 'IMAGE_CORRUPT', `${says} has an extent ${type === 'FLAT' ? 'without' : 'with'} an offset`)
  }
  if (afterBlankLine) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `${says} is an extent after a blank line, which qemu reads twice`, {
      hint: `delete the blank line before line ${line} in a copy of it`,
    })
  }
}

async function flat(extent: ImageBytes, bytes: number, offset: number): Promise<number> {
  if (offset + bytes > extent.lengthBytes) {
    throw fault(
      extent,
      'IMAGE_CORRUPT',
      `has ${extent.lengthBytes} bytes; its descriptor says ${bytes} from byte ${offset}`,
    )
  }
  return Math.min(extent.storedBytes, bytes)
}

async function sparse(extent: ImageBytes, bytes: number): Promise<number> {
  const header = await readSparseHeader(extent)
  await embeddedDescriptor(extent, header)
  if (header.capacityBytes !== bytes) {
    throw fault(
      extent,
      'IMAGE_CORRUPT',
      `holds ${header.capacityBytes} bytes of the disk; its descriptor says ${bytes}`,
    )
  }
  return allocatedGrains(extent, header)
}
