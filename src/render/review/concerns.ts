import { addressOf } from '../../core/address.ts'
import { acts, type Plan, type PlannedMachine } from '../../core/plan.ts'
import { counts, denies, type PolicyFinding } from '../../core/policy/policy.ts'
import type { Place, Problem } from '../../core/problem.ts'
import { formatBytes } from '../../core/units.ts'

/** Why a reviewer should look at a machine before the others. */
export interface Concern {
  /** Its weight: the smallest is looked at first. */
  readonly rank: number
  /** The same for concerns that are told together. */
  readonly kind: string
  /** What it is of this machine; the kind again where there is no more to say. */
  readonly text: string
  /** Absent for the plan as a whole. */
  readonly machine?: string
  readonly at?: Place
}

/** Concerns of one kind. */
export interface ConcernGroup {
  readonly text: string
  readonly machines: readonly string[]
  /** Where the only one of them stands. */
  readonly at?: Place
}

const ranks = { blocked: 0, denied: 1, space: 2, destroy: 3, replace: 4, warned: 5, resume: 6, note: 7, notApplied: 8 }

/** Everything that a reviewer of a plan should look at first, the gravest first. */
export function concernsOf(plan: Plan): readonly Concern[] {
  return [
    ...plan.space.flatMap(({ path, neededBytes, freeBytes }): Concern[] => {
      if (neededBytes <= freeBytes) return []
      const text = `SPACE_SHORT: ${path} needs ${formatBytes(neededBytes)} and has ${formatBytes(freeBytes)}`
      return [{ rank: ranks.space, kind: text, text }]
    }),
    ...(plan.policy ?? []).filter(counts).map(policyConcern),
    ...plan.machines.flatMap(machineConcerns),
  ].toSorted((a, b) => a.rank - b.rank)
}

/** The same, a group for each kind; one with several texts is told by what they have in common. */
export function concernGroups(concerns: readonly Concern[]): readonly ConcernGroup[] {
  const byKind = Map.groupBy(concerns, ({ rank, kind }) => `${rank} ${kind}`)
  return [...byKind.values()].map((group) => {
    const [first] = group as [Concern, ...Concern[]]
    const same = group.every(({ text }) => text === first.text)
    const text = first.kind === first.text ? first.kind : `${first.kind}${same ? '' : ', such as'}: ${first.text}`
    const machines = [...new Set(group.flatMap(({ machine }) => machine ?? []))]
    return { text, machines, ...(group.length === 1 && first.at ? { at: first.at } : {}) }
  })
}

function policyConcern(finding: PolicyFinding): Concern {
  const { rule, machine, at } = finding
  const denied = denies(finding)
  return {
    rank: denied ? ranks.denied : ranks.warned,
    kind: `${denied ? 'denied' : 'warned'} by policy ${rule}`,
    text: finding.evidence,
    ...(machine === undefined ? {} : { machine }),
    ...(at ? { at } : {}),
  }
}

function machineConcerns(machine: PlannedMachine): readonly Concern[] {
  const { name, action, problems, removals = [], stages, notes, notApplied } = machine
  const about = (rank: number, text: string, kind = text): Concern => ({ rank, kind, text, machine: name })
  const failed = stages.flatMap(({ stage, decision }) =>
    decision.run && decision.why === 'resume' && decision.status === 'failed' ? [`${stage} failed`] : [],
  )
  const removed = formatBytes(removals.reduce((sum, { bytes }) => sum + bytes, 0))
  return [
    ...(action === 'blocked' ? problems.filter(isError).map((problem) => blocked(name, problem)) : []),
    ...(action === 'destroy' ? [about(ranks.destroy, removed, 'will be destroyed')] : []),
    ...(action === 'replace' ? [about(ranks.replace, 'will be replaced: its disks are copied again')] : []),
    ...failed.map((text) => about(ranks.resume, text)),
    ...(acts(machine) ? notes : []).map((note) => about(ranks.note, note)),
    ...notApplied.map((what) => about(ranks.notApplied, `not applied by this version: ${what}`)),
  ]
}

function blocked(machine: string, { code, summary, at }: Problem): Concern {
  const text = summary.replaceAll(addressOf(machine), 'it')
  return { rank: ranks.blocked, kind: code, text, machine, ...(at ? { at } : {}) }
}

function isError({ severity }: Problem): boolean {
  return severity === 'error'
}
