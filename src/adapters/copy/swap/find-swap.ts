import { printable } from '../../../core/printable.ts'
import { problem } from '../../../core/problem.ts'
import { GrainFault } from '../grain-data.ts'
import type { GuestReader } from '../guest-reader.ts'
import { corrupt, type GrainSource } from '../source.ts'
import type { Extent } from '../without.ts'
import { readLogicalVolumes } from './lvm.ts'
import { hasOtherContent } from './other-content.ts'
import { readPartitions } from './partitions.ts'
import { readSwapHeader, swapHeaderBytes } from './swap-header.ts'

/** What may be swap: where its bytes are on the disk, in its order. */
interface Candidate {
  /** In messages: `its partition 2`. */
  readonly what: string
  readonly extents: readonly Extent[]
}

/** More of them no guest has; each is looked into. */
const mostPlaces = 64
const mostCandidates = 500

/**
 * Where a guest's disk holds what Linux swapped out: partitions that are swap by their type, logical volumes, and a disk as a
 * whole, where `mkswap` wrote what it writes. The first page, with UUID and label, is no part of that, nor is what lies behind
 * the swap.
 * @throws ProblemError GUEST_REFUSED for a guest that is hibernated: its memory is there. IMAGE_CORRUPT
 */
export async function findSwap(
  { name, capacityBytes }: Pick<GrainSource, 'name' | 'capacityBytes'>,
  read: GuestReader,
): Promise<readonly Extent[]> {
  try {
    const candidates = await candidatesOn(read, capacityBytes)
    const beginnings = await read(candidates.map(({ extents }) => beginningOf(extents)))
    return candidates.flatMap(({ what, extents }, index) => {
      const bytes = extents.reduce((sum, { start, end }) => sum + end - start, 0)
      const header = readSwapHeader(beginnings[index] ?? Buffer.alloc(swapHeaderBytes), bytes)
      if (header?.kind === 'hibernated') throw hibernated(name, what, header.signature)
      return header ? stretch(extents, header.pageBytes, header.bytes) : []
    })
  } catch (error) {
    throw error instanceof GrainFault ? corrupt(name, error.message) : error
  }
}

async function candidatesOn(read: GuestReader, capacityBytes: number): Promise<readonly Candidate[]> {
  const whole = { start: 0, end: capacityBytes }
  const partitions = await readPartitions(read, capacityBytes)
  const swaps = partitions?.filter(({ kind }) => kind === 'swap') ?? []
  const physical = partitions?.filter(({ kind }) => kind === 'lvm') ?? [whole]
  if (swaps.length + physical.length > mostPlaces) return []
  const [beginning] = await read([beginningOf([whole])])
  // A table of partitions that are no more.
  if (partitions && beginning && hasOtherContent(beginning)) return []
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

/** A stretch of what consists of these extents. */
function stretch(extents: readonly Extent[], from: number, to: number): readonly Extent[] {
  let before = 0
  return extents.flatMap(({ start, end }) => {
    const [first, last] = [Math.max(from - before, 0), Math.min(to - before, end - start)]
    before += end - start
    return first < last ? [{ start: start + first, end: start + last }] : []
  })
}

function hibernated(name: string, what: string, signature: string) {
  return problem('GUEST_REFUSED', `${name}: the guest is hibernated, and ${what} holds its memory (${signature})`, {
    hint: 'start it at the source, shut it down and export it again; or remove pipeline.convert.skip',
  })
}
