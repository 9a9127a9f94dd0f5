import type { Extent } from '../without.ts'

/** A stretch of what consists of these extents, in its order; shorter where they end before it does. */
export function stretch(extents: readonly Extent[], from: number, to: number): readonly Extent[] {
  let before = 0
  return extents.flatMap(({ start, end }) => {
    const [first, last] = [Math.max(from - before, 0), Math.min(to - before, end - start)]
    before += end - start
    return first < last ? [{ start: start + first, end: start + last }] : []
  })
}

/** How many bytes they have together. */
export function bytesOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { start, end }) => sum + end - start, 0)
}

/** The same bytes in the order of the disk, in as few extents as there can be; for extents that do not overlap. */
export function merged(extents: readonly Extent[]): readonly Extent[] {
  const found: Extent[] = []
  for (const { start, end } of extents.toSorted((a, b) => a.start - b.start)) {
    const last = found.at(-1)
    if (last?.end === start) found[found.length - 1] = { start: last.start, end }
    else found.push({ start, end })
  }
  return found
}

/** Whether any two of them have a byte in common. */
export function overlap(extents: readonly Extent[]): boolean {
  const sorted = extents.toSorted((a, b) => a.start - b.start)
  return sorted.some(({ start }, index) => start < (sorted[index - 1]?.end ?? 0))
}

/** The bytes that both have; each of them has no two extents that overlap. */
export function common(one: readonly Extent[], other: readonly Extent[]): readonly Extent[] {
  return one.flatMap((a) =>
    other.flatMap((b) => {
      const [start, end] = [Math.max(a.start, b.start), Math.min(a.end, b.end)]
      return start < end ? [{ start, end }] : []
    }),
  )
}
