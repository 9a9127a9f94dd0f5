import { hash } from 'node:crypto'
import type { SparseLayout } from '../../../core/sparse-layout.ts'
import { inflateGrain, mostGrainBytes } from '../grain-data.ts'
import type { GuestReader } from '../guest-reader.ts'

const sector = 512

/** Reads so much of an image that is far away; less at its end. */
export type RemoteRead = (offset: number, length: number) => Promise<Buffer>

/** An image that is far away and can be read in parts. */
export interface RemoteImage {
  readonly name: string
  readonly lengthBytes: number
  readonly read: RemoteRead
}

/** What was looked at of a disk before it arrives: for each grain a digest of its data, or that it has none. */
export type Seen = ReadonlyMap<number, string | undefined>

/**
 * Reads here and there on the guest's disk in a streamOptimized VMDK that is far away, a request for each table and each grain.
 * @param directory its grain directory
 * @returns the reader, and what it saw until then
 * @throws GrainFault for what cannot be a grain
 */
export function remoteGuest(
  layout: SparseLayout,
  directory: Buffer,
  lengthBytes: number,
  read: RemoteRead,
): { readonly read: GuestReader; readonly seen: Seen } {
  const { grainBytes, capacityBytes, tableEntries } = layout
  const tables = new Map<number, Buffer>()
  const grains = new Map<number, Buffer>()
  const seen = new Map<number, string | undefined>()

  const entryOf = async (grain: number): Promise<number> => {
    const index = Math.floor(grain / tableEntries)
    const at = index * 4 + 4 <= directory.length ? directory.readUInt32LE(index * 4) * sector : 0
    if (at === 0 || at >= lengthBytes) return 0
    const table = tables.get(index) ?? (await read(at, tableEntries * 4))
    tables.set(index, table)
    const place = (grain % tableEntries) * 4
    return place + 4 <= table.length ? table.readUInt32LE(place) : 0
  }
  const grainOf = async (grain: number): Promise<Buffer> => {
    const known = grains.get(grain)
    if (known) return known
    const slot = Buffer.alloc(grainBytes)
    const entry = grain * grainBytes < capacityBytes ? await entryOf(grain) : 0
    const at = entry * sector
    if (entry <= 1 || at >= lengthBytes) seen.set(grain, undefined)
    else {
      const bytes = await read(at, mostGrainBytes(grainBytes))
      inflateGrain(bytes, at, grain, { grainBytes, capacityBytes, files: [] }, slot)
      seen.set(grain, grainDigest(bytes))
    }
    grains.set(grain, slot)
    return slot
  }
  return {
    seen,
    async read(wanted) {
      const found: Buffer[] = []
      for (const { start, end } of wanted) {
        const bytes = Buffer.alloc(end - start)
        for (let at = start; at < end; ) {
          const grain = Math.floor(at / grainBytes)
          const until = Math.min(end, (grain + 1) * grainBytes)
          ;(await grainOf(grain)).copy(bytes, at - start, at - grain * grainBytes, until - grain * grainBytes)
          at = until
        }
        found.push(bytes)
      }
      return found
    },
  }
}

/** Of a grain as it lies in the image: its marker, and as much behind it as that says. */
export function grainDigest(bytes: Buffer): string {
  return hash('sha256', bytes.subarray(0, 12 + bytes.readUInt32LE(8)), 'base64')
}
