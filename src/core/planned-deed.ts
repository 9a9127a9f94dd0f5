import type { Problem } from './problem.ts'

/** What a command of its own would do with one machine. */
export interface PlannedDeed {
  readonly name: string
  /** The manifest, relative to the workspace. */
  readonly file: string
  /** `nothing`: there is nothing left to do. */
  readonly standing: 'acts' | 'waits' | 'refused' | 'nothing'
  /** After its address: `will be cut over`. */
  readonly head: string
  /** What it does to what, in its order. */
  readonly lines: readonly (readonly [part: string, does: string])[]
  /** Why it is refused. */
  readonly problems: readonly Problem[]
}

/** How many there are of each. */
export function countDeeds(planned: readonly PlannedDeed[]): Readonly<Record<PlannedDeed['standing'], number>> {
  const counts = { acts: 0, waits: 0, refused: 0, nothing: 0 }
  for (const { standing } of planned) counts[standing]++
  return counts
}
