import { addressOf } from './address.ts'
import { fingerprint } from './fingerprint.ts'
import { isDeeper } from './json.ts'
import { check } from './language/check.ts'
import { savedPlanSchema } from './language/saved-plan.ts'
import { acts, type Plan, type PlannedMachine, planId } from './plan.ts'
import { printable } from './printable.ts'
import { type Problem, problem } from './problem.ts'

const maxDepth = 100

/** A plan in a file. `digest` covers the rest: an altered file is refused. */
export interface SavedPlan {
  readonly h2k_plan: 1
  readonly id: string
  readonly plan: Plan
  readonly digest: string
}

export function savePlan(plan: Plan): SavedPlan {
  const content = { h2k_plan: 1 as const, id: planId(plan), plan }
  return { ...content, digest: fingerprint(content) }
}

/** @throws ProblemError PLAN_UNREADABLE, PLAN_ALTERED */
export function openSavedPlan(saved: unknown, file: string): SavedPlan {
  const name = printable(file)
  if (typeof saved !== 'object' || saved === null || !('h2k_plan' in saved)) {
    throw problem('PLAN_UNREADABLE', `${name} is no plan of h2k`, { hint: 'h2k plan --out FILE writes one' })
  }
  const unreadable = 'is damaged, or from another version of h2k'
  if (isDeeper(saved, maxDepth)) throw problem('PLAN_UNREADABLE', `${name} ${unreadable}`, { hint: 'plan again' })
  const { issues } = check(savedPlanSchema, saved)
  if (issues) {
    const [{ summary } = { summary: '' }] = issues
    throw problem('PLAN_UNREADABLE', `${name} ${unreadable}: ${summary}`, { hint: 'plan again' })
  }
  const { digest, ...content } = saved as SavedPlan
  if (fingerprint(content) !== digest || planId(content.plan) !== content.id) {
    throw problem('PLAN_ALTERED', `${name} was altered since it was written`, { hint: 'plan again' })
  }
  return saved as SavedPlan
}

/** Why machines' parts of a saved plan are no longer true, against the plan that would be made now. */
export function staleness(saved: Plan, now: Plan): readonly Problem[] {
  const hint = 'plan again and have it reviewed'
  return [...staleReasons(saved, now)].map(([name, summary]) => {
    return { severity: 'error', code: 'PLAN_STALE', summary, address: addressOf(name), hint }
  })
}

/** What may be done of the plan that would be made now: what was reviewed, where that is still true, and nothing else. */
export function reviewedPart(saved: Plan, now: Plan): Plan {
  const stale = staleReasons(saved, now)
  const reviewed = new Map(saved.machines.map((machine) => [machine.name, machine]))
  const machines = now.machines.filter(({ name, action, held }) => {
    const was = reviewed.get(name)
    if (!was || was.action === 'blocked' || stale.has(name)) return false
    // What waited when it was reviewed was not approved to be done, unless it waits still.
    if (was.held && !held) return false
    return was.action !== 'noop' || action === 'noop'
  })
  return { ...now, machines }
}

function staleReasons(saved: Plan, now: Plan): ReadonlyMap<string, string> {
  const current = new Map(now.machines.map((machine) => [machine.name, machine]))
  return new Map(
    saved.machines.flatMap((machine): [string, string][] => {
      if (!acts(machine)) return []
      const why = whyStale(machine, current.get(machine.name), saved, now)
      return why === undefined ? [] : [[machine.name, why]]
    }),
  )
}

function whyStale(was: PlannedMachine, is: PlannedMachine | undefined, saved: Plan, now: Plan): string | undefined {
  if (saved.lineage !== undefined && saved.lineage !== now.lineage) return 'the plan was made on another state'
  if (!is) return 'the machine is no longer in git or in the state'
  if (is.serial !== was.serial) return `the state changed since (serial ${was.serial} -> ${is.serial})`
  if (is.held?.by === 'suspended' || is.held?.by === 'dry_run') return `git leaves it alone now: ${is.held.why}`
  if (is.action === 'blocked') return `it cannot be planned any more: ${is.problems[0]?.summary ?? 'see h2k plan'}`
  const source = was.sources.find((file, index) => {
    const found = is.sources[index]
    return found?.path !== file.path || found.bytes !== file.bytes || found.modified !== file.modified
  })
  if (source) return `its source ${source.path} changed since`
  if (is.desired !== was.desired) return `${was.file}, or what it refers to, changed since`
  const tool = Object.entries(saved.tools).find(
    ([name, version]) => now.tools[name] !== undefined && now.tools[name] !== version,
  )
  if (tool) return `${tool[0]} was ${tool[1]} and is ${now.tools[tool[0]]}`
  if (is.action !== was.action) return `it would now be "${is.action}" instead of "${was.action}"`
  const [removed, removes] = [was, is].map(({ removals }) => fingerprint(removals ?? []))
  if (removed !== removes) return 'what h2k made and would remove changed since'
  const [before, after] = [was, is].map(({ stages }) => stages.map(({ stage }) => stage).join(', '))
  return before === after ? undefined : `it would now run ${after} instead of ${before}`
}
