import { addressOf } from './address.ts'
import type { FieldChange } from './diff.ts'
import type { Problem } from './problem.ts'
import type { MachineRecord } from './record.ts'
import type { StageName } from './stage-names.ts'

/**
 * How something stands against what was recorded of it. `Unknown`: it could not be looked at, which is neither `Missing`
 * nor in order.
 */
export type DriftStatus = 'Synced' | 'OutOfSync' | 'Missing' | 'Unknown'

interface About {
  readonly kind: 'source' | 'disk' | 'file' | 'domain'
  /** A path, or a name. */
  readonly subject: string
}

/** One thing that was looked at. What is not as it was always says what is other, and what could not be looked at why. */
export type DriftFinding = About & (Same | Other | Unseen)

interface Same {
  readonly status: 'Synced'
  /** What was seen and is in order. */
  readonly detail?: string
  readonly changes?: undefined
  readonly live?: undefined
  readonly problem?: undefined
  readonly redo?: undefined
}

interface Other {
  readonly status: 'OutOfSync' | 'Missing'
  /** What is other than it was, in a few words. */
  readonly detail: string
  /** The same, field by field: `from` was recorded. */
  readonly changes?: readonly FieldChange[]
  /** It is about what runs just now, which no apply touches. */
  readonly live?: true
  /** The stage that repairs it and has to be told so: a plan reads no content. */
  readonly redo?: StageName
  readonly problem?: undefined
}

interface Unseen {
  readonly status: 'Unknown'
  readonly detail?: undefined
  readonly changes?: undefined
  readonly live?: undefined
  readonly redo?: undefined
  /** Why it could not be looked at. */
  readonly problem: Problem
}

/** How far a machine is, beside whether it is still what was recorded. */
export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended'

/** What the state says of a machine's way: done, begun and not finished, or failed. */
export function healthOf({ stages, deeds }: Pick<MachineRecord, 'stages' | 'deeds'>): Exclude<Health, 'Suspended'> {
  const records = [...stages.values(), ...deeds.values()]
  if (records.some(({ status }) => status === 'failed')) return 'Degraded'
  const finished = records.every(({ status }) => status === 'done') && stages.has('publish')
  return finished ? 'Healthy' : 'Progressing'
}

export interface MachineDrift {
  readonly name: string
  readonly status: DriftStatus
  readonly health: Health
  readonly findings: readonly DriftFinding[]
  /** Git leaves it as it is, and says so like this. */
  readonly suspended?: string
  /** Somebody's word that it may be cut over, where one holds. */
  readonly approval?: { readonly by: string; readonly until?: string }
}

const worstFirst: readonly DriftStatus[] = ['Unknown', 'Missing', 'OutOfSync', 'Synced']

/** What the findings come to: what could not be looked at outweighs what could. */
export function driftStatus(findings: readonly Pick<DriftFinding, 'status'>[]): DriftStatus {
  return worstFirst.find((one) => findings.some((finding) => finding.status === one)) ?? 'Synced'
}

/** Whether an apply may repair it: it is other than it was, not only in what runs, and git does not leave it alone. */
export function isRepairable({ findings, suspended }: MachineDrift): boolean {
  if (suspended !== undefined) return false
  return findings.some(({ status, live }) => (status === 'OutOfSync' || status === 'Missing') && live === undefined)
}

/** Addresses of stages that a plan has to be told to run again, for these machines. */
export function redoneStages(machines: readonly MachineDrift[]): readonly string[] {
  return machines.flatMap(({ name, findings }) => {
    return [...new Set(findings.flatMap(({ redo }) => redo ?? []))].map((stage) => addressOf(name, stage))
  })
}

/** How many machines have each status. */
export function countDrift(machines: readonly Pick<MachineDrift, 'status'>[]): Readonly<Record<DriftStatus, number>> {
  const counts = { Synced: 0, OutOfSync: 0, Missing: 0, Unknown: 0 }
  for (const { status } of machines) counts[status]++
  return counts
}
