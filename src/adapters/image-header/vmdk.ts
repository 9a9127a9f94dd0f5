import { sparseVmdkMagic } from './appearance.ts'
import type { ImageBytes } from './bytes.ts'
import { fault, quoted } from './faults.ts'
import type { Found } from './found.ts'
import { unusual } from './unusual.ts'
import { type Descriptor, parseDescriptor } from './vmdk-descriptor.ts'
import { embeddedDescriptor, largestDescriptorBytes, textUntilNul } from './vmdk-embedded.ts'
import { plainName, readExtents } from './vmdk-extents.ts'
import { allocatedGrains } from './vmdk-grains.ts'
import { readArrivingHeader, readSparseHeader, type SparseHeader } from './vmdk-sparse.ts'

const inOneFile = ['monolithicSparse', 'streamOptimized']
const inFurtherFiles = ['monolithicFlat', 'twoGbMaxExtentFlat', 'twoGbMaxExtentSparse', 'vmfs']

interface Reason {
  readonly reason: string
  readonly hint: string
}

const snapshot: Reason = {
  reason: 'holds only what differs from a parent image',
  hint: 'consolidate (delete) the snapshots of the machine, then copy its disk again',
}
const physicalDisk: Reason = {
  reason: 'stands for a physical disk, not for a file',
  hint: 'read the physical disk into a raw image',
}
const mappedDevice: Reason = {
  reason: 'stands for a device that the machine uses directly (RDM), not for a file',
  hint: 'clone it on its host: vmkfstools -i mapping.vmdk -d thin copy.vmdk',
}
const inParts: Reason = { reason: 'is put together from parts by hand', hint: 'clone it in VMware into one file' }

const notTaken: ReadonlyMap<string, Reason> = new Map([
  ['vmfsSparse', snapshot],
  ['seSparse', snapshot],
  ['custom', inParts],
  ['fullDevice', physicalDisk],
  ['partitionedDevice', physicalDisk],
  ['vmfsRDM', mappedDevice],
  ['vmfsRDMP', mappedDevice],
  ['vmfsRawDeviceMap', mappedDevice],
  ['vmfsPassthroughRawDeviceMap', mappedDevice],
])

/** Any VMDK: one file that is sparse, or a descriptor with its extents beside it. */
export async function readVmdk(image: ImageBytes, signal: AbortSignal): Promise<Found> {
  const magic = (await image.read(0, 4, 'header')).toString('latin1')
  if (magic === 'COWD')
    throw fault(image, 'IMAGE_UNSUPPORTED', `(vmfsSparse) ${snapshot.reason}`, { hint: snapshot.hint })
  return magic === sparseVmdkMagic ? readOneFile(image) : readDescriptorFile(image, signal)
}

async function readOneFile(image: ImageBytes): Promise<Found> {
  const header = await readSparseHeader(image)
  const descriptor = await embeddedDescriptor(image, header)
  if (descriptor === undefined && !header.compressed) {
    throw fault(image, 'IMAGE_UNSUPPORTED', 'has no descriptor: it is one extent of a disk that is split', {
      hint: 'name the descriptor, the small .vmdk file that lists the extents',
    })
  }
  if (descriptor !== undefined) checkEmbedded(image, descriptor)
  // Only a marker says how long a compressed grain is.
  const unread = header.compressed && !header.markers ? 'compressed grains without markers' : undefined
  return {
    variant: header.compressed ? 'streamOptimized' : 'monolithicSparse',
    ...unusual(header.grainBytes, unread),
    virtualBytes: header.capacityBytes,
    allocatedBytes: await allocatedGrains(image, header),
  }
}

/** qemu passes over the extents of an embedded descriptor, but other readers may follow them. */
function checkEmbedded(image: ImageBytes, { createType, extents }: Descriptor): void {
  refuseType(image, createType, inOneFile)
  const [extent, ...others] = extents
  if (extent?.type !== 'SPARSE' || extent.access === 'NOACCESS' || others.length > 0) {
    throw fault(image, 'IMAGE_UNSUPPORTED', `is one file, but its descriptor does not have just one sparse extent`, {
      hint: 'export the disk again, or clone it in VMware into one file',
    })
  }
  plainName(image, extent)
}

async function readDescriptorFile(image: ImageBytes, signal: AbortSignal): Promise<Found> {
  if (image.lengthBytes >= largestDescriptorBytes) {
    throw fault(image, 'IMAGE_ABSURD', `is a VMDK descriptor of ${image.lengthBytes} bytes; 1 MiB is the most`)
  }
  const bytes = await image.read(0, image.lengthBytes, 'descriptor')
  const text = textUntilNul(bytes)
  if (bytes.subarray(text.length).some((byte) => byte !== 0)) {
    throw fault(image, 'IMAGE_CORRUPT', 'is a VMDK descriptor with a NUL in its text')
  }
  const descriptor = parseDescriptor(image, text)
  refuseType(image, descriptor.createType, inFurtherFiles)
  if (image.inStretch) {
    throw fault(image, 'IMAGE_UNSUPPORTED', 'is a VMDK descriptor, whose extents h2k does not look for in an archive', {
      hint: 'unpack the archive and name the descriptor in its folder',
    })
  }
  return readExtents(image, descriptor, signal)
}

function refuseType(image: ImageBytes, createType: string, taken: readonly string[]): void {
  if (taken.includes(createType)) return
  const { reason, hint } = notTaken.get(createType) ?? {
    reason: `is no kind of VMDK that h2k takes here: ${taken.join(', ')}`,
    hint: 'clone the disk in VMware into one file, or export it as OVF',
  }
  throw fault(image, 'IMAGE_UNSUPPORTED', `(${quoted(createType)}) ${reason}`, { hint })
}

/** A VMDK in one sparse file, open; undefined for any other kind. What its grains hold has not been looked at. */
export async function sparseVmdk(image: ImageBytes): Promise<SparseHeader | undefined> {
  const magic = (await image.read(0, 4, 'header')).toString('latin1')
  return magic === sparseVmdkMagic ? readSparseHeader(image) : undefined
}

/** As `sparseVmdk`, of an image whose beginning alone has arrived, up to its first grain; its descriptor is looked at too. */
export async function arrivingVmdk(image: ImageBytes): Promise<SparseHeader> {
  const header = await readArrivingHeader(image)
  const descriptor = await embeddedDescriptor(image, header)
  if (descriptor !== undefined) checkEmbedded(image, descriptor)
  return header
}
