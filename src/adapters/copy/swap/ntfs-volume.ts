import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { bytesOf, overlap, stretch } from './extents.ts'
import { type NtfsGeometry, readNtfsBoot } from './ntfs-boot.ts'
import { isLogClean, restartBytes } from './ntfs-log.ts'
import { type NtfsMft, readRecords } from './ntfs-mft.ts'
import { attributeOf, attributes, extentsOf, type NtfsRecord, readRecord } from './ntfs-record.ts'

/** An NTFS whose beginning is sound. */
export interface NtfsVolume extends NtfsMft {
  /** Where $Bitmap lies. */
  readonly bitmap: readonly Extent[]
  /** Of its root directory. */
  readonly root: NtfsRecord
  /** Where its system files lie, those that were looked at. */
  readonly own: readonly Extent[]
  /** Windows left it as a whole, and does not want to check it. */
  readonly clean: boolean
}

export const rootNumber = 5
const bitmapNumber = 6
/** So many records of the MFT are kept twice. */
const mirrored = 4
const dirtyFlag = 1

/**
 * Opens the NTFS at a place of the disk.
 * @param sector its first one, at least
 * @returns undefined where its beginning is damaged: its first records have to be the same in the MFT and in its copy
 */
export async function openNtfs(read: GuestReader, place: Extent, sector: Buffer): Promise<NtfsVolume | undefined> {
  const geometry = readNtfsBoot(sector, place)
  const first = geometry && (await firstRecords(read, geometry))
  const [mft, , log, volume] = first ?? []
  if (!geometry || !mft || !log || !volume) return undefined
  const [mftExtents, logExtents] = [mft, log].map((record) => dataOf(record, geometry))
  if (!mftExtents || !logExtents || mftExtents[0]?.start !== geometry.mft) return undefined
  const [root, bitmapRecord] = await readRecords(read, { ...geometry, mftExtents }, [rootNumber, bitmapNumber])
  const bitmap = bitmapRecord && dataOf(bitmapRecord, geometry)
  if (!root?.isDirectory || !bitmap || bytesOf(bitmap) * 8 < geometry.clusters) return undefined
  const own = [...mftExtents, ...logExtents, ...bitmap]
  if (overlap(own)) return undefined
  const restart = Buffer.concat(await read(stretch(logExtents, 0, restartBytes)))
  const clean = isLogClean(restart) && isUnmarked(volume)
  return { ...geometry, mftExtents, bitmap, root, own, clean }
}

async function firstRecords(read: GuestReader, { mft, mirror, recordBytes }: NtfsGeometry) {
  const copies = await read([mft, mirror].map((start) => ({ start, end: start + mirrored * recordBytes })))
  const [records, same] = copies.map((bytes) => {
    return Array.from({ length: mirrored }, (_, number) =>
      readRecord(bytes.subarray(number * recordBytes, (number + 1) * recordBytes), number),
    )
  })
  return records?.every((record, number) => record && same?.[number]?.body.equals(record.body)) ? records : undefined
}

function dataOf(record: NtfsRecord, geometry: NtfsGeometry): readonly Extent[] | undefined {
  const data = attributeOf(record, attributes.data)
  return data && extentsOf(data, geometry)?.extents
}

function isUnmarked(volume: NtfsRecord): boolean {
  const information = attributeOf(volume, attributes.volumeInformation)?.content
  return information !== undefined && information.length >= 12 && (information.readUInt16LE(10) & dirtyFlag) === 0
}
