import type { FieldChange } from './diff.ts'
import type { Problem } from './problem.ts'

/**
 * How something stands against what was recorded of it. `Unknown`: it could not be looked at, which is neither `Missing`
 * nor in order.
 */
export type DriftStatus = 'Synced' | 'OutOfSync' | 'Missing' | 'Unknown'

/** One thing that was looked at. */
export interface DriftFinding {
  readonly kind: 'source' | 'disk' | 'file' | 'domain'
  /** A path, or a name. */
  readonly subject: string
  readonly status: DriftStatus
  /** What is other than it was, in a few words. */
  readonly detail?: string
  /** The same, field by field: `from` was recorded. */
  readonly changes?: readonly FieldChange[]
  /** It is about what runs just now, which no apply touches. */
  readonly live?: true
  /** Why it could not be looked at. */
  readonly problem?: Problem
}

export interface MachineDrift {
  readonly name: string
  readonly status: DriftStatus
  readonly findings: readonly DriftFinding[]
}

const worstFirst: readonly DriftStatus[] = ['Unknown', 'Missing', 'OutOfSync', 'Synced']

/** What the findings come to: what could not be looked at outweighs what could. */
export function machineDrift(name: string, findings: readonly DriftFinding[]): MachineDrift {
  const status = worstFirst.find((one) => findings.some((finding) => finding.status === one)) ?? 'Synced'
  return { name, status, findings }
}

/** How many machines have each status. */
export function countDrift(machines: readonly MachineDrift[]): Readonly<Record<DriftStatus, number>> {
  const counts = { Synced: 0, OutOfSync: 0, Missing: 0, Unknown: 0 }
  for (const { status } of machines) counts[status]++
  return counts
}
