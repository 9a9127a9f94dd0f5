import { extname } from 'node:path'
import type { ImageFormat, ImageHeader, ImageLocation } from '../core/image.ts'
import { problem } from '../core/problem.ts'
import { appearance, bearsSignature, readEnds } from './image-header/appearance.ts'
import { type ImageBytes, withImage } from './image-header/bytes.ts'
import { fault } from './image-header/faults.ts'
import type { Found } from './image-header/found.ts'
import { readQcow2 } from './image-header/qcow2.ts'
import { readRaw } from './image-header/raw.ts'
import { readVdi } from './image-header/vdi.ts'
import { readVhd } from './image-header/vhd.ts'
import { readVhdx } from './image-header/vhdx.ts'
import { arrivingVmdk, readVmdk, sparseVmdk } from './image-header/vmdk.ts'
import type { SparseHeader } from './image-header/vmdk-sparse.ts'

const readers: Readonly<Record<ImageFormat, (image: ImageBytes, signal: AbortSignal) => Promise<Found>>> = {
  vmdk: readVmdk,
  qcow2: readQcow2,
  raw: readRaw,
  vhd: readVhd,
  vhdx: readVhdx,
  vdi: readVdi,
}

const endings: ReadonlyMap<string, ImageFormat> = new Map([
  ['.vmdk', 'vmdk'],
  ['.qcow2', 'qcow2'],
  ['.raw', 'raw'],
  ['.img', 'raw'],
  ['.vhd', 'vhd'],
  ['.vhdx', 'vhdx'],
  ['.vdi', 'vdi'],
])

/**
 * Reads the header and the tables of an image, as the format that is given and no other, before any tool opens it.
 * Refused is whatever would make a tool open further files that are not extents beside it, and what cannot be true.
 * @throws ProblemError IMAGE_UNKNOWN when it is not of that format; IMAGE_REFERS_OUTSIDE, IMAGE_ABSURD, IMAGE_CORRUPT,
 *   IMAGE_UNSUPPORTED; SOURCE_MISSING, SOURCE_UNREADABLE, SOURCE_CHANGED; ARCHIVE_CORRUPT
 */
export async function readImageHeader(image: ImageLocation, signal: AbortSignal): Promise<ImageHeader> {
  return withImage(image, signal, async (bytes) => {
    await confirm(bytes, image.format)
    const { furtherFiles = [], ...found } = await readers[image.format](bytes, signal)
    return { format: image.format, ...found, files: [...new Set([bytes.path, ...furtherFiles])] }
  })
}

/** An image, open to be read by other threads too. */
export interface OpenImage extends Pick<ImageBytes, 'name' | 'lengthBytes' | 'read'> {
  readonly fd: number
  /** Where in the file the image begins. */
  readonly offsetBytes: number
  /** Of a VMDK that is one sparse file. */
  readonly sparse?: SparseHeader
}

/**
 * Opens an image for as long as `use` takes.
 * @throws ProblemError as `readImageHeader`, which has to have taken the image before
 */
export async function withOpenImage<Result>(
  location: ImageLocation,
  signal: AbortSignal,
  use: (image: OpenImage) => Promise<Result>,
): Promise<Result> {
  return withImage(location, signal, async (image) => {
    const sparse = location.format === 'vmdk' ? await sparseVmdk(image) : undefined
    const { name, lengthBytes, file, read } = image
    return use({ name, lengthBytes, ...file, read, ...(sparse ? { sparse } : {}) })
  })
}

/**
 * What the beginning of a sparse VMDK says, all that is before its first grain, for who reads the rest as it arrives.
 * @throws ProblemError as `readImageHeader`
 */
export function readArrivingVmdk(name: string, beginning: Buffer): Promise<SparseHeader> {
  const image: ImageBytes = {
    ...{ name, path: name, lengthBytes: beginning.length, storedBytes: beginning.length, inStretch: true },
    file: { fd: -1, offsetBytes: 0 },
    async read(offset, length, what) {
      if (offset + length <= beginning.length) return beginning.subarray(offset, offset + length)
      throw fault(image, 'IMAGE_CORRUPT', `has its first grain at byte ${beginning.length}, within its ${what}`)
    },
  }
  return arrivingVmdk(image)
}

/**
 * The format of an image file that the user names without one: what its ending says, when its first bytes agree.
 * A `.raw` or `.img` file is raw whatever it begins with.
 * @throws ProblemError IMAGE_UNKNOWN, IMAGE_CORRUPT for an empty file, IMAGE_UNSUPPORTED for no file; SOURCE_…
 */
export async function detectImageFormat(path: string, signal: AbortSignal): Promise<ImageFormat> {
  return withImage({ path }, signal, async (bytes) => {
    const format = endings.get(extname(path).toLowerCase())
    if (format === undefined) {
      const looks = appearance(await readEnds(bytes))
      throw problem(
        'IMAGE_UNKNOWN',
        `${path} has no ending that tells its format${looks ? `; it looks like ${looks}` : ''}`,
        {
          hint: `rename it, so that it ends in one of ${[...endings.keys()].join(' ')}`,
        },
      )
    }
    await confirm(bytes, format)
    return format
  })
}

async function confirm(image: ImageBytes, format: ImageFormat): Promise<void> {
  if (image.lengthBytes === 0) throw fault(image, 'IMAGE_CORRUPT', 'is empty')
  const ends = await readEnds(image)
  if (bearsSignature(format, ends)) return
  const flat = format === 'vmdk' && /-(?:flat|f\d{3})\.vmdk$/i.exec(image.path)
  const looks = flat
    ? 'the data of a flat VMDK, without its descriptor'
    : (appearance(ends) ?? 'nothing that h2k knows')
  throw fault(image, 'IMAGE_UNKNOWN', `is no ${format} image; it looks like ${looks}`, {
    hint: flat
      ? 'name its descriptor, the small .vmdk file beside it; or, without one, name its format raw'
      : 'name the format that it has, or the file that was meant',
  })
}
