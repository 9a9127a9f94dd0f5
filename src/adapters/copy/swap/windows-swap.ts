import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { bytesOf, merged, overlap, stretch } from './extents.ts'
import { areUsed } from './ntfs-bitmap.ts'
import { bootKind, hasShadowCopies } from './ntfs-boot.ts'
import { type NtfsEntry, readFileName, readRootDirectory } from './ntfs-directory.ts'
import { readRecords } from './ntfs-mft.ts'
import { attributeOf, attributes, extentsOf, type NtfsRecord } from './ntfs-record.ts'
import { type NtfsVolume, openNtfs, rootNumber } from './ntfs-volume.ts'
import { hasOtherContent, otherContentBytes } from './other-content.ts'

/** A place of the disk where Windows may have a file system. */
export interface WindowsPlace extends Extent {
  /** In messages: `its partition 2`. */
  readonly what: string
}

/** What Windows swapped out, or that it is hibernated. */
export type WindowsSwap =
  | { readonly kind: 'swap'; readonly extents: readonly Extent[] }
  | { readonly kind: 'hibernated'; readonly what: string; readonly signature: string }

const hibernation = 'hiberfil.sys'
const swapFiles = ['pagefile.sys', 'swapfile.sys', hibernation]
const headerBytes = 4096
/** Files in more pieces nobody has. */
const mostRuns = 10_000
/** Each grain of a copy is compared with each of them. */
const mostExtents = 500

/**
 * Where Windows' `pagefile.sys`, `swapfile.sys` and `hiberfil.sys` lie, in the root directories of these file systems. Whether it
 * is hibernated tells the beginning of the last: so nothing is found where any of the file systems is damaged,
 * encrypted as a whole, or no more.
 */
export async function findWindowsSwap(read: GuestReader, places: readonly WindowsPlace[]): Promise<WindowsSwap> {
  const none: WindowsSwap = { kind: 'swap', extents: [] }
  const beginnings = await read(places.map(({ start }) => ({ start, end: start + otherContentBytes })))
  const found: Extent[] = []
  let isKnown = true
  for (const [index, place] of places.entries()) {
    const beginning = beginnings[index]
    const kind = beginning && bootKind(beginning)
    if (!beginning || !kind) continue
    const swap = kind === 'bitlocker' || hasOtherContent(beginning) ? undefined : await swapOn(read, place, beginning)
    if (swap?.kind === 'hibernated') return swap
    if (!swap) isKnown = false
    else if (!hasShadowCopies(beginning)) found.push(...swap.extents)
  }
  if (!isKnown) return none
  const largest = merged(found).toSorted((a, b) => b.end - b.start - (a.end - a.start))
  return { kind: 'swap', extents: merged(largest.slice(0, mostExtents)) }
}

/** @returns undefined where nobody can tell whether Windows is hibernated */
async function swapOn(read: GuestReader, place: WindowsPlace, beginning: Buffer): Promise<WindowsSwap | undefined> {
  const volume = await openNtfs(read, place, beginning)
  const directory = volume && (await readRootDirectory(read, volume))
  if (!directory) return undefined
  const named = directory.entries.filter(({ name }) => swapFiles.includes(name.toLowerCase()))
  if (new Set(named.map(({ name }) => name.toLowerCase())).size !== named.length) return undefined
  const records = await readRecords(
    read,
    volume,
    named.map(({ number }) => number),
  )
  const found: Extent[] = []
  for (const [index, entry] of named.entries()) {
    const record = records[index]
    if (record?.sequence !== entry.sequence) return undefined
    const file = plainFile(record, entry, volume)
    if (entry.name.toLowerCase() === hibernation) {
      const state = file && (await hibernationState(read, file))
      if (state === undefined) return undefined
      if (state !== 'awake') return { kind: 'hibernated', what: `${hibernation} in ${place.what}`, signature: state }
    }
    found.push(...(file?.extents ?? []))
  }
  const isSound = volume.clean && !overlap([...found, ...volume.own, ...directory.extents])
  return { kind: 'swap', extents: isSound && (await areUsed(read, volume, found)) ? found : [] }
}

/** Where a file's content lies, when it is a file like most others. */
function plainFile(record: NtfsRecord, { name }: NtfsEntry, volume: NtfsVolume) {
  const isElsewhere = record.attributes.some(({ type }) => type === attributes.reparsePoint)
  if (record.isDirectory || record.links !== 1 || isElsewhere) return undefined
  const own = attributeOf(record, attributes.fileName)?.content
  const called = own && readFileName(own)
  if (called?.parent !== rootNumber || called.name !== name) return undefined
  const data = attributeOf(record, attributes.data)
  const found = data && extentsOf(data, volume)
  return found?.whole && found.extents.length <= mostRuns
    ? { extents: found.extents, initializedBytes: data?.outside?.initializedBytes ?? 0 }
    : undefined
}

/**
 * Whether Windows is hibernated, or about to wake: ntfs-3g looks for the same (`ntfs_volume_check_hiberfile` in volume.c). A
 * Windows that is not left `wake` or nothing there.
 * @returns the signature, or undefined for what nobody knows
 */
async function hibernationState(
  read: GuestReader,
  { extents, initializedBytes }: { readonly extents: readonly Extent[]; readonly initializedBytes: number },
): Promise<string | undefined> {
  if (bytesOf(extents) < headerBytes) return undefined
  const [beginning = Buffer.alloc(4)] = await read(stretch(extents, 0, 4))
  const signature = beginning.toString('latin1')
  if (/^(hibr|rstr)$/i.test(signature)) return signature
  const isAwake = initializedBytes === 0 || /^wake$/i.test(signature) || beginning.every((byte) => byte === 0)
  return isAwake ? 'awake' : undefined
}
