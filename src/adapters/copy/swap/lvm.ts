import type { GuestReader } from '../guest-reader.ts'
import type { Extent } from '../without.ts'
import { overlap } from './extents.ts'
import { readPhysicalVolume } from './lvm-label.ts'
import { isSection, type LvmSection, listIn, numberIn, sectionIn } from './lvm-text.ts'

/** A logical volume, and where its bytes are on the disk, in its order. */
export interface LogicalVolume {
  /** `group/volume` */
  readonly name: string
  readonly extents: readonly Extent[]
}

const sector = 512
/** Each is looked into. */
const mostVolumes = 500

/**
 * The logical volumes that lie as they are, and as a whole, on one physical volume.
 * @param place of the physical volume
 * @returns none where there is no sound physical volume, or its volume group is not one that can be true
 */
export async function readLogicalVolumes(read: GuestReader, place: Extent): Promise<readonly LogicalVolume[]> {
  const volume = await readPhysicalVolume(read, place)
  const group = volume && Object.entries(volume.text).find(([, value]) => isSection(value))
  if (!volume || !group || !isSection(group[1])) return []
  const [groupName, section] = group
  const own = Object.entries(sectionIn(section, 'physical_volumes') ?? {}).find(([, value]) => {
    return isSection(value) && String(value.id).replaceAll('-', '') === volume.id
  })
  if (!own || !isSection(own[1])) return []
  const layout = {
    name: own[0],
    first: numberIn(own[1], 'pe_start') * sector,
    unit: numberIn(section, 'extent_size') * sector,
  }
  const volumes = Object.entries(sectionIn(section, 'logical_volumes') ?? {}).flatMap(([name, value]) => {
    return isSection(value)
      ? [{ name: `${groupName}/${name}`, section: value, areas: areasOf(value, layout, place) }]
      : []
  })
  if (volumes.length > mostVolumes) return []
  const all = volumes.flatMap(({ areas }) => areas)
  const isSound = ({ start, end }: Extent) => start >= place.start + layout.first && start < end && end <= place.end
  if (!all.every(isSound) || overlap(all)) return []
  return volumes
    .filter(({ section: own }) => listIn(own, 'status').includes('VISIBLE') && isLinear(own, layout.name))
    .map(({ name, areas }) => ({ name, extents: areas }))
}

/** Where the segments of a volume lie on this physical volume, whoever uses the volume. */
function areasOf(
  volume: LvmSection,
  { name, first, unit }: { readonly name: string; readonly first: number; readonly unit: number },
  { start }: Extent,
): readonly Extent[] {
  return segmentsOf(volume).flatMap((segment) => {
    const stripes = listIn(segment, 'stripes')
    const length = (numberIn(segment, 'extent_count') / numberIn(segment, 'stripe_count')) * unit
    return stripes.flatMap((stripe, at) => {
      if (at % 2 !== 0 || stripe !== name) return []
      const from = start + first + Number(stripes[at + 1]) * unit
      return [{ start: from, end: from + length }]
    })
  })
}

// One stripe is what LVM calls linear.
function isLinear(volume: LvmSection, physical: string): boolean {
  const segments = segmentsOf(volume)
  let next = 0
  for (const segment of segments) {
    const stripes = listIn(segment, 'stripes')
    if (segment.type !== 'striped' || stripes.length !== 2 || stripes[0] !== physical) return false
    if (numberIn(segment, 'start_extent') !== next) return false
    next += numberIn(segment, 'extent_count')
  }
  return segments.length > 0
}

function segmentsOf(volume: LvmSection): readonly LvmSection[] {
  return Object.entries(volume)
    .flatMap(([key, value]) => (/^segment\d+$/.test(key) && isSection(value) ? [value] : []))
    .toSorted((a, b) => numberIn(a, 'start_extent') - numberIn(b, 'start_extent'))
}
