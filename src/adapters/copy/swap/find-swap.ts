import { printable } from '../../../core/printable.ts'
import { problem } from '../../../core/problem.ts'
import { sourceProblem } from '../copy-problems.ts'
import { failureOf, isOfTheSystem } from '../failure.ts'
import { GrainFault } from '../grain-data.ts'
import type { GuestReader } from '../guest-reader.ts'
import type { GrainSource } from '../source.ts'
import type { Extent } from '../without.ts'
import { bytesOf, stretch } from './extents.ts'
import { readLogicalVolumes } from './lvm.ts'
import { hasOtherContent } from './other-content.ts'
import { type Partition, readPartitions } from './partitions.ts'
import { readSwapHeader, swapHeaderBytes } from './swap-header.ts'
import { findWindowsSwap, type WindowsPlace } from './windows-swap.ts'

/** What may be swap: where its bytes are on the disk, in its order. */
interface Candidate {
  /** In messages: `its partition 2`. */
  readonly what: string
  readonly extents: readonly Extent[]
}

/** More of them no guest has; each is looked into. */
const mostPlaces = 64
const mostCandidates = 500

type Partitions = readonly Partition[] | undefined

/**
 * Where a guest's disk holds what was swapped out. By Linux: partitions that are swap by their type, logical volumes, and a disk
 * as a whole, where `mkswap` wrote what it writes. The first page, with UUID and label, is no part of that, nor is what lies
 * behind the swap. By Windows: what `findWindowsSwap` finds in partitions that are Windows' by their type, and on a disk without
 * any.
 * @throws ProblemError GUEST_REFUSED for a guest that is hibernated: its memory is there. IMAGE_CORRUPT, SOURCE_UNREADABLE
 */
export async function findSwap(
  { name, capacityBytes }: Pick<GrainSource, 'name' | 'capacityBytes'>,
  read: GuestReader,
): Promise<readonly Extent[]> {
  try {
    const partitions = await readPartitions(read, capacityBytes)
    const [beginning] = await read([beginningOf([{ start: 0, end: capacityBytes }])])
    // A table of partitions that are no more.
    if (partitions && beginning && hasOtherContent(beginning)) return []
    const windows = await findWindowsSwap(read, windowsPlaces(partitions, capacityBytes))
    if (windows.kind === 'hibernated') {
      throw hibernated(name, windows.what, windows.signature, ' by `shutdown /s /f /t 0`')
    }
    const candidates = await candidatesOn(read, partitions, capacityBytes)
    const beginnings = await read(candidates.map(({ extents }) => beginningOf(extents)))
    const linux = candidates.flatMap(({ what, extents }, index) => {
      const header = readSwapHeader(beginnings[index] ?? Buffer.alloc(swapHeaderBytes), bytesOf(extents))
      if (header?.kind === 'hibernated') throw hibernated(name, what, header.signature)
      return header ? stretch(extents, header.pageBytes, header.bytes) : []
    })
    return [...linux, ...windows.extents]
  } catch (error) {
    if (!(error instanceof GrainFault) && !isOfTheSystem(error)) throw error
    const failure = failureOf(error)
    throw sourceProblem(failure.source ?? name, failure)
  }
}

function windowsPlaces(partitions: Partitions, capacityBytes: number): readonly WindowsPlace[] {
  // What begins with a file system may look like a table without partitions.
  if (!partitions?.length) return [{ what: 'it', start: 0, end: capacityBytes }]
  const places = partitions.filter(({ kind }) => kind === 'windows')
  if (places.length > mostPlaces) return []
  return places.map(({ number, start, end }) => ({ what: `its partition ${number}`, start, end }))
}

async function candidatesOn(
  read: GuestReader,
  partitions: Partitions,
  capacityBytes: number,
): Promise<readonly Candidate[]> {
  const whole = { start: 0, end: capacityBytes }
  const swaps = partitions?.filter(({ kind }) => kind === 'swap') ?? []
  const physical = partitions?.filter(({ kind }) => kind === 'lvm') ?? [whole]
  if (swaps.length + physical.length > mostPlaces) return []
  const found: Candidate[] = swaps.map(({ number, start, end }) => {
    return { what: `its partition ${number}`, extents: [{ start, end }] }
  })
  for (const place of physical) {
    for (const { name, extents } of await readLogicalVolumes(read, place)) {
      const [first] = extents
      if (!first || first.end - first.start < swapHeaderBytes) continue
      found.push({ what: `its logical volume ${printable(name)}`, extents })
    }
    if (found.length > mostCandidates) return []
  }
  return partitions ? found : [...found, { what: 'it', extents: [whole] }]
}

// The first of several is at least as large as that.
function beginningOf(extents: readonly Extent[]): Extent {
  const start = extents[0]?.start ?? 0
  return { start, end: start + swapHeaderBytes }
}

function hibernated(name: string, what: string, signature: string, by = '') {
  return problem('GUEST_REFUSED', `${name}: the guest is hibernated, and ${what} holds its memory (${signature})`, {
    hint: `start it at the source, shut it down${by} and export it again; or remove pipeline.convert.skip`,
  })
}
