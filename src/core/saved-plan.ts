import { fingerprint } from './fingerprint.ts'
import { isDeeper } from './json.ts'
import type { Issue } from './language/check.ts'
import { type Plan, planId } from './plan.ts'
import type { PlanSignature } from './plan-signature.ts'
import { printable } from './printable.ts'
import { problem } from './problem.ts'
import { staleMachines } from './stale-machines.ts'

const maxDepth = 100

/** A plan in a file. `digest` covers what stands before it: an altered file is refused. */
export interface SavedPlan {
  readonly h2k_plan: 1
  readonly id: string
  readonly plan: Plan
  readonly digest: string
  /** Over the digest; absent where nobody signed it. */
  readonly signature?: PlanSignature
}

export function savePlan(plan: Plan): SavedPlan {
  const content = { h2k_plan: 1 as const, id: planId(plan), plan }
  return { ...content, digest: fingerprint(content) }
}

/**
 * Takes what was read from a file; `check` is that of the published schema. Whether somebody signed it is another question.
 * @throws ProblemError PLAN_UNREADABLE, PLAN_ALTERED
 */
export function openSavedPlan(
  saved: unknown,
  file: string,
  check: (value: unknown) => readonly Pick<Issue, 'summary'>[],
): SavedPlan {
  const name = printable(file)
  if (typeof saved !== 'object' || saved === null || !('h2k_plan' in saved)) {
    throw problem('PLAN_UNREADABLE', `${name} is no plan of h2k`, { hint: 'h2k plan --out FILE writes one' })
  }
  const unreadable = 'is damaged, or from another version of h2k'
  if (isDeeper(saved, maxDepth)) throw problem('PLAN_UNREADABLE', `${name} ${unreadable}`, { hint: 'plan again' })
  const [wrong] = check(saved)
  if (wrong) throw problem('PLAN_UNREADABLE', `${name} ${unreadable}: ${wrong.summary}`, { hint: 'plan again' })
  const { digest, signature: _, ...content } = saved as SavedPlan
  if (fingerprint(content) !== digest || planId(content.plan) !== content.id) {
    throw problem('PLAN_ALTERED', `${name} was altered since it was written`, { hint: 'plan again' })
  }
  return saved as SavedPlan
}

/** What may be done of the plan that would be made now: what was reviewed, where that is still true, and nothing else. */
export function reviewedPart(saved: Plan, now: Plan, staleOnes = staleMachines(saved, now)): Plan {
  const stale = new Set(staleOnes.map(({ name }) => name))
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
