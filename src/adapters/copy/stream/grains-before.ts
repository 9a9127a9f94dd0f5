import { setImmediate } from 'node:timers/promises'
import { mostMetadataBytes, type SparseLayout } from '../../../core/sparse-layout.ts'
import { corrupt, type GrainSource } from '../source.ts'
import { vmdkGrains } from '../vmdk-grains.ts'
import { directoryAt } from './remote-directory.ts'
import type { RemoteRead } from './remote-guest.ts'

/** Tables that are asked for one by one, at most: those of 64 GiB. */
const mostTables = 2048
const mostTableBytes = 2 ** 26
/** So many at a time. */
const readers = 4

/** An image of which only the beginning is here. */
export interface BegunImage {
  readonly name: string
  readonly layout: SparseLayout
  /** All that is before its first grain. */
  readonly beginning: Buffer
  /** Of all of it; infinite where nobody knows it. */
  readonly lengthBytes: number
  /** Where its source can also be asked for parts. */
  readonly read?: RemoteRead
}

/**
 * Which grains of an image hold data, before they arrive: by tables that lie in its beginning, or that are asked for.
 * @returns undefined where the tables are not to be had, or are too many to be asked for
 * @throws ProblemError IMAGE_CORRUPT, and what `read` throws
 */
export async function grainsBefore(image: BegunImage, signal: AbortSignal): Promise<GrainSource | undefined> {
  const { name, layout, lengthBytes, read } = image
  const [directoryBytes, tableBytes] = [layout.directoryEntries * 4, layout.tableEntries * 4]
  if (directoryBytes > mostMetadataBytes) return undefined
  const known = Number.isFinite(layout.directoryOffset)
  const at = known ? layout.directoryOffset : read && (await directoryAt(layout, lengthBytes, read))
  if (at === undefined) return undefined
  const parts = partsOf(image)
  if (!read && !parts.has(at, directoryBytes)) return undefined
  await parts.fetch(at, directoryBytes, 'grain directory')
  const directory = parts.get(at, directoryBytes)
  const missing = tablesIn(directory).filter((offset) => !parts.has(offset, tableBytes))
  if (missing.length > (read ? mostTables : 0) || missing.length * tableBytes > mostTableBytes) return undefined
  const next = missing.values()
  await Promise.all(
    Array.from({ length: readers }, async () => {
      for (const offset of next) await parts.fetch(offset, tableBytes, 'grain table')
    }),
  )
  const grains = vmdkGrains({
    ...{ name, lengthBytes, fd: -1, offsetBytes: 0, layout: { ...layout, directoryOffset: at } },
    async read(offset, length) {
      if (offset >= at && offset + length <= at + directoryBytes)
        return directory.subarray(offset - at, offset - at + length)
      // The rest that is read are tables, several at once where they lie one behind the other.
      const tables = Array.from({ length: length / tableBytes }, (_, index) => offset + index * tableBytes)
      return Buffer.concat(tables.map((table) => parts.get(table, tableBytes)))
    },
  })
  return { ...grains, batches: () => inTurns(grains, signal) }
}

// All is in memory: without a turn for others, a disk of many terabytes would keep them waiting for seconds.
async function* inTurns(grains: GrainSource, signal: AbortSignal) {
  for await (const batch of grains.batches()) {
    yield batch
    await setImmediate()
    signal.throwIfAborted()
  }
}

function tablesIn(directory: Buffer): readonly number[] {
  const offsets = new Set<number>()
  for (let at = 0; at < directory.length; at += 4) offsets.add(directory.readUInt32LE(at) * 512)
  offsets.delete(0)
  return [...offsets]
}

/** Parts of an image, those of its beginning and those that were fetched. */
function partsOf({ name, beginning, lengthBytes, read }: BegunImage) {
  const fetched = new Map<number, Buffer>()
  const has = (offset: number, length: number) => offset + length <= beginning.length
  let failed = false
  return {
    has,
    /** Nothing more once one of several failed. */
    async fetch(offset: number, length: number, what: string): Promise<void> {
      if (failed || has(offset, length)) return
      try {
        if (offset + length > lengthBytes)
          throw corrupt(name, `ends at byte ${lengthBytes}, within its ${what} at byte ${offset}`)
        const bytes = await read?.(offset, length)
        if (bytes?.length !== length) throw corrupt(name, `ends within its ${what} at byte ${offset}`)
        fetched.set(offset, bytes)
      } catch (error) {
        failed = true
        throw error
      }
    },
    get(offset: number, length: number): Buffer {
      if (has(offset, length)) return beginning.subarray(offset, offset + length)
      const bytes = fetched.get(offset)
      if (!bytes) throw new Error(`byte ${offset} of ${name} was not fetched`)
      return bytes
    },
  }
}
