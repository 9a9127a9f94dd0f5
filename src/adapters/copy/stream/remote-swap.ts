import { mostMetadataBytes, type SparseLayout } from '../../../core/sparse-layout.ts'
import { findSwap } from '../swap/find-swap.ts'
import type { LeftOut } from './leaving-out.ts'
import { beginningOf } from './remote-beginning.ts'
import { directoryAt } from './remote-directory.ts'
import { type RemoteImage, type RemoteRead, remoteGuest } from './remote-guest.ts'
import type { ReadBeginning } from './vmdk-stream.ts'

/**
 * Looks for swap in a streamOptimized VMDK that is far away.
 * @returns what a copy can leave out, and how much that is at most; undefined for other images
 * @throws ProblemError GUEST_REFUSED for a guest that is hibernated; IMAGE_…
 */
export function remoteSwap(readBeginning: ReadBeginning) {
  return async ({ name, lengthBytes, read }: RemoteImage): Promise<(LeftOut & { atMost: number }) | undefined> => {
    const begun = await beginningOf({ name, lengthBytes, read }, readBeginning)
    if (!begun) return undefined
    const { layout } = begun
    const directory = layout.compressed && layout.markers ? await directoryOf(layout, lengthBytes, read) : undefined
    if (!directory) return undefined
    const guest = remoteGuest(layout, directory, lengthBytes, read)
    const extents = await findSwap({ name, capacityBytes: layout.capacityBytes }, guest.read)
    const perTable = layout.tableEntries * layout.grainBytes
    const filled = extents.reduce((sum, { start, end }) => {
      let bytes = 0
      for (let table = Math.floor(start / perTable); table * perTable < end; table++) {
        if (directory.readUInt32LE(table * 4) === 0) continue
        bytes += Math.min(end, (table + 1) * perTable) - Math.max(start, table * perTable)
      }
      return sum + bytes
    }, 0)
    return { extents, seen: guest.seen, atMost: filled }
  }
}

async function directoryOf(layout: SparseLayout, lengthBytes: number, read: RemoteRead): Promise<Buffer | undefined> {
  const bytes = layout.directoryEntries * 4
  const at = bytes <= mostMetadataBytes ? await directoryAt(layout, lengthBytes, read) : undefined
  return at === undefined ? undefined : read(at, bytes)
}
