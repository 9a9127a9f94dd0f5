import { imageName, usualGrainBytes } from '../../core/image.ts'
import type { DiskSource } from '../../core/machine.ts'
import { mostMetadataBytes, type SparseLayout } from '../../core/sparse-layout.ts'
import type { Stretch, Web, WebFile } from '../../ports/web.ts'

/** A disk of a web server: a file of its own, or a stretch of an archive. */
export interface RemoteDisk {
  readonly file: WebFile
  readonly stretch?: Stretch
  readonly lengthBytes: number
  /** Algorithm, colon, hex, where the manifest or the archive names one. */
  readonly digest?: string
}

/** How messages name it. */
export function remoteName({ file, stretch }: Pick<RemoteDisk, 'file' | 'stretch'>): string {
  return imageName({ path: file.name, ...(stretch ? { stretch } : {}) })
}

export type ReadBeginning = (name: string, beginning: Buffer) => Promise<SparseLayout>

/** What is known of a disk before it is read. */
export type Forecast =
  | { readonly arrives: true; readonly virtualBytes: number; readonly usedBytes: number; readonly variant: string }
  | { readonly arrives: { readonly not: string }; readonly variant: string }

const sector = 512

/**
 * Looks at the beginning of an image, and at the directory of a VMDK, to tell whether it can be copied while it arrives.
 * @throws ProblemError IMAGE_… for a VMDK that must not be opened; SOURCE_…
 */
export async function forecastDisk(
  web: Web,
  readBeginning: ReadBeginning,
  disk: RemoteDisk,
  { format }: Pick<DiskSource, 'format'>,
  signal: AbortSignal,
): Promise<Forecast> {
  if (format !== 'vmdk') return { arrives: { not: `it is ${format}` }, variant: format }
  const read = (offset: number, length: number) => {
    const offsetBytes = (disk.stretch?.offsetBytes ?? 0) + offset
    return web.read(disk.file, { offsetBytes, lengthBytes: Math.min(length, disk.lengthBytes - offset) }, signal)
  }
  const first = await read(0, sector)
  const isSparse = first.toString('latin1', 0, 4) === 'KDMV' && first.length === sector
  const grainsAt = isSparse ? Number(first.readBigUInt64LE(64)) * sector : 0
  if (!isSparse || first.readUInt16LE(77) === 0 || grainsAt > mostMetadataBytes) {
    return { arrives: { not: 'it is no streamOptimized VMDK' }, variant: 'vmdk' }
  }
  const beginningBytes = Math.max(sector, grainsAt)
  const header = await readBeginning(remoteName(disk), await read(0, beginningBytes))
  const variant = 'streamOptimized'
  if (!header.markers) return { arrives: { not: 'its grains have no markers' }, variant }
  if (header.grainBytes !== usualGrainBytes)
    return { arrives: { not: `its grains have ${header.grainBytes} bytes` }, variant }
  const directoryBytes = header.directoryEntries * 4
  if (directoryBytes > mostMetadataBytes)
    return { arrives: { not: `its grain directory has ${directoryBytes} bytes` }, variant }
  // At infinity it is told by the footer, and has a marker of its own.
  if (Number.isFinite(header.directoryOffset) && header.directoryOffset + directoryBytes > beginningBytes)
    return { arrives: { not: 'its grain directory is behind its grains' }, variant }
  const { capacityBytes: virtualBytes } = header
  const usedBytes = disk.file.ranges ? await mostUsed(header, disk.lengthBytes, read) : virtualBytes
  return { arrives: true, virtualBytes, usedBytes, variant }
}

/**
 * At most so many bytes hold data: the stretches of the disk that have a grain table. What the tables say would take a request
 * for each; what is wrong with the directory is found by the copy.
 */
async function mostUsed(
  { capacityBytes, grainBytes, tableEntries, directoryEntries, directoryOffset }: SparseLayout,
  lengthBytes: number,
  read: (offset: number, length: number) => Promise<Buffer>,
): Promise<number> {
  const end = lengthBytes - 2 * sector
  const atEnd = directoryOffset >= lengthBytes && end > 0 ? await read(end, sector) : undefined
  const footed =
    atEnd?.toString('latin1', 0, 4) === 'KDMV' ? Number(atEnd.readBigUInt64LE(56)) * sector : directoryOffset
  if (footed + directoryEntries * 4 > lengthBytes) return capacityBytes
  const directory = await read(footed, directoryEntries * 4)
  let tables = 0
  for (let at = 0; at + 4 <= directory.length; at += 4) if (directory.readUInt32LE(at) > 1) tables += 1
  return Math.min(capacityBytes, tables * tableEntries * grainBytes)
}
