import { printable } from '../../core/printable.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import type { OpenDatabase } from './open-database.ts'

/** Notes that a run applies a plan, or says who did before. Belongs into a transaction of its caller. */
export function usePlan({ runs }: OpenDatabase, planId: string, runId: string): ProblemError | undefined {
  const used = runs.byPlan.get(planId)
  if (used === undefined) {
    runs.usePlan.run({ planId, runId })
    return undefined
  }
  return problem('PLAN_USED', `the plan was already applied by ${printable(used.who)} at ${used.startedAt}`, {
    detail: `plan ${printable(planId)}, run ${used.id}`,
    hint: 'h2k plan --out FILE makes a new one',
  })
}
