import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { bytesOf, stretch } from './extents.ts'
import { readPlaces } from './ntfs-mft.ts'
import type { NtfsVolume } from './ntfs-volume.ts'

/** Enough for files of 16 GiB in clusters of 512 bytes. */
const mostBytes = 2 ** 22

/** Whether an NTFS takes all clusters of these extents for used, by its bitmap: a bit each, the lowest of a byte first. */
export async function areUsed(
  read: GuestReader,
  { start, clusterBytes, bitmap }: NtfsVolume,
  extents: readonly Extent[],
): Promise<boolean> {
  const runs = extents.map((extent) => {
    return { first: (extent.start - start) / clusterBytes, last: (extent.end - start) / clusterBytes - 1 }
  })
  const places = runs.map(({ first, last }) => stretch(bitmap, Math.floor(first / 8), Math.floor(last / 8) + 1))
  if (bytesOf(places.flat()) > mostBytes) return false
  const found = await readPlaces(read, places)
  return runs.every(({ first, last }, index) => isFull(found[index] ?? Buffer.alloc(0), first % 8, last - first + 1))
}

function isFull(bits: Buffer, from: number, count: number): boolean {
  if (bits.length !== Math.ceil((from + count) / 8)) return false
  const padded = Buffer.from(bits)
  const after = bits.length * 8 - from - count
  padded[0] = (padded[0] ?? 0) | ((1 << from) - 1)
  padded[padded.length - 1] = (padded.at(-1) ?? 0) | (0xff & ~(0xff >> after))
  return padded.every((byte) => byte === 0xff)
}
