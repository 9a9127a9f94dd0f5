import type { DescribedDisk } from '../../core/described.ts'
import type { ImageFormat } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import type { XmlElement } from '../../core/xml.ts'
import type { OvfFile } from './envelope.ts'
import { inBytes } from './units.ts'

// By what its URI contains. The last two are VirtualBox's for VHD and oVirt's for raw.
const formats: readonly (readonly [RegExp, ImageFormat])[] = [
  [/vmdk/i, 'vmdk'],
  [/qcow/i, 'qcow2'],
  [/vhdx/i, 'vhdx'],
  [/vhd/i, 'vhd'],
  [/vdi/i, 'vdi'],
  [/raw/i, 'raw'],
  [/LinkId=137171/i, 'vhd'],
  [/wikipedia\.org\/wiki\/Byte$/i, 'raw'],
]

type DiskImage = Pick<DescribedDisk, 'file' | 'fileBytes' | 'virtualBytes' | 'format'>

/**
 * What a `DiskSection/Disk` says of its image.
 * @throws ProblemError OVF_UNSUPPORTED for a disk that is blank, a delta, packed or of an unknown format; OVF_INVALID for
 *   a file that is not referenced and a capacity that is no size
 */
export function describeImage(disk: XmlElement, files: ReadonlyMap<string, OvfFile>, file: string): DiskImage {
  const { diskId, fileRef, parentRef } = disk.attributes
  const at = { file, line: disk.line }
  const what = `${file}: disk ${JSON.stringify(diskId)}`
  if (parentRef) {
    throw problem('OVF_UNSUPPORTED', `${what} is only the difference to disk ${JSON.stringify(parentRef)}`, {
      hint: 'remove the snapshots of the machine, or clone it, and export again',
      at,
    })
  }
  if (!fileRef) {
    throw problem('OVF_UNSUPPORTED', `${what} is blank: the descriptor names no file for it`, {
      hint: 'remove its Item and its Disk from the descriptor, and add an empty disk after the move',
      at,
    })
  }
  const image = files.get(fileRef)
  if (image === undefined) {
    throw problem('OVF_INVALID', `${what} refers to the file ${JSON.stringify(fileRef)}, which References lacks`, {
      at,
    })
  }
  if (image.packing !== undefined) {
    throw problem('OVF_UNSUPPORTED', `${file}: ${image.href} is ${image.packing}, which h2k does not read`, {
      hint: 'export again without --compress and --chunkSize',
      at: image.at,
    })
  }
  return {
    file: image.href,
    ...(image.bytes === undefined ? {} : { fileBytes: image.bytes }),
    virtualBytes: capacityOf(disk, what, file),
    format: formatOf(disk, image.href, what, file),
  }
}

function capacityOf(disk: XmlElement, what: string, file: string): number {
  const { capacity = '', capacityAllocationUnits = 'byte' } = disk.attributes
  const at = { file, line: disk.line }
  if (capacity.includes('${')) {
    throw problem('OVF_UNSUPPORTED', `${what} leaves its capacity to a property, ${JSON.stringify(capacity)}`, {
      hint: "write the disk's size in bytes into its capacity",
      at,
    })
  }
  const bytes = inBytes(capacity, capacityAllocationUnits)
  if (bytes !== undefined && bytes > 0) return bytes
  const written = `capacity ${JSON.stringify(capacity)} in units of ${JSON.stringify(capacityAllocationUnits)}`
  throw problem('OVF_INVALID', `${what} has a ${written}, which is no size that h2k can use`, { at })
}

function formatOf(disk: XmlElement, href: string, what: string, file: string): ImageFormat {
  const written = disk.attributes.format || (/\.([a-z0-9]+)$/i.exec(href)?.[1] ?? '')
  const format = formats.find(([pattern]) => pattern.test(written))?.[1]
  if (format !== undefined) return format
  throw problem('OVF_UNSUPPORTED', `${what} is in a format that h2k does not know: ${JSON.stringify(written)}`, {
    hint: 'export the disk as VMDK',
    at: { file, line: disk.line },
  })
}
