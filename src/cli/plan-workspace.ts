import { judgePlan } from '../app/judge-plan.ts'
import { type PlanOptions, planSurvey, type Survey, survey, type WorkspacePlan } from '../app/plan-workspace.ts'
import { recordsOf } from '../app/recorded-machines.ts'
import type { Session } from '../app/session.ts'
import { findingProblems } from '../core/policy/finding-problems.ts'
import type { StateStore } from '../ports/state.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'

/** What a plan was made on. */
interface Ground {
  readonly session: Session
  readonly seen: Survey
  readonly state: StateStore
  readonly signal: AbortSignal
}

/** Connects to a workspace, reads its state, if there is one, and plans. Changes nothing. */
export async function planWorkspace(folder: string, options: PlanOptions): Promise<WorkspacePlan> {
  return await withPlan(folder, options, (plan) => plan)
}

/** The same, with what the workspace's policy says of the plan. */
export async function judgedWorkspace(
  folder: string,
  options: PlanOptions,
): Promise<WorkspacePlan & { readonly session: Session }> {
  return await withPlan(folder, options, async (planned, { session, seen, state, signal }) => {
    const { plan, ended } = await judgePlan(planned.plan, seen, session, state, signal)
    return {
      ...planned,
      plan,
      session,
      problems: [...planned.problems, ...ended, ...findingProblems(plan.policy ?? [])],
    }
  })
}

/** The same, and uses the plan beside the state that it was made on. */
export async function withPlan<T>(
  folder: string,
  options: PlanOptions,
  use: (plan: WorkspacePlan, ground: Ground) => T | Promise<T>,
): Promise<T> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = await connectWorkspace(folder)
  const state = session.openState('read')
  const { signal } = interrupts
  try {
    const seen = await survey(session, options, recordsOf(state), signal)
    return await use(await planSurvey(seen, options, session, state, signal), { session, seen, state, signal })
  } finally {
    state.close()
    interrupts.stop()
  }
}
