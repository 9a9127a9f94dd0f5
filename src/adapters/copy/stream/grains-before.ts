import type { SparseLayout } from '../../../core/sparse-layout.ts'
import { corrupt, type GrainSource } from '../source.ts'
import { vmdkGrains } from '../vmdk-grains.ts'
import { directoryAt } from './remote-directory.ts'
import type { RemoteRead } from './remote-guest.ts'

/** As much as the copy itself takes before the first grain. */
const mostDirectoryBytes = 2 ** 26
/** Tables that are asked for one by one, at most: those of 128 GiB. */
const mostTables = 4096

/** An image of which only the beginning is here. */
export interface BegunImage {
  readonly name: string
  readonly layout: SparseLayout
  /** All that is before its first grain. */
  readonly beginning: Buffer
  /** Of all of it, where that is known. */
  readonly lengthBytes?: number
  /** Where its source can also be asked for parts. */
  readonly read?: RemoteRead
}

/**
 * Which grains of an image hold data, before they arrive: by tables that lie in its beginning, or that are asked for.
 * @returns undefined where the tables are not to be had, or are too many to be asked for
 * @throws ProblemError IMAGE_CORRUPT, and what `read` throws
 */
export async function grainsBefore(image: BegunImage): Promise<GrainSource | undefined> {
  const { name, layout, lengthBytes = Number.POSITIVE_INFINITY, read } = image
  const bytes = layout.directoryEntries * 4
  if (bytes > mostDirectoryBytes) return undefined
  const known = Number.isFinite(layout.directoryOffset)
  const at = known ? layout.directoryOffset : read && (await directoryAt(layout, lengthBytes, read))
  if (at === undefined) return undefined
  const part = reader(image)
  if (!part.isHere(at, bytes) && !read) return undefined
  const directory = await part.read(at, bytes, 'grain directory')
  const asked = tablesElsewhere(directory, (sectorOffset) => part.isHere(sectorOffset, layout.tableEntries * 4))
  if (asked > (read ? mostTables : 0)) return undefined
  return vmdkGrains({
    ...{ name, lengthBytes, fd: -1, offsetBytes: 0, layout: { ...layout, directoryOffset: at } },
    read: async (offset, length, what) =>
      offset >= at && offset + length <= at + bytes
        ? directory.subarray(offset - at, offset - at + length)
        : part.read(offset, length, what),
  })
}

function reader({ name, beginning, read }: BegunImage) {
  const isHere = (offset: number, length: number) => offset + length <= beginning.length
  return {
    isHere,
    async read(offset: number, length: number, what: string): Promise<Buffer> {
      if (isHere(offset, length)) return beginning.subarray(offset, offset + length)
      const bytes = await read?.(offset, length)
      if (bytes?.length !== length) throw corrupt(name, `ends within its ${what} at byte ${offset}`)
      return bytes
    },
  }
}

function tablesElsewhere(directory: Buffer, isHere: (offset: number) => boolean): number {
  let count = 0
  for (let at = 0; at < directory.length; at += 4) {
    const offset = directory.readUInt32LE(at) * 512
    if (offset > 0 && !isHere(offset)) count += 1
  }
  return count
}
