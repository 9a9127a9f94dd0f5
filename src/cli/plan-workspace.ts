import { type PlanOptions, planSurvey, survey, type WorkspacePlan } from '../app/plan-workspace.ts'
import type { StateStore } from '../ports/state.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'

/** Connects to a workspace, reads its state, if there is one, and plans. Changes nothing. */
export async function planWorkspace(folder: string, options: PlanOptions): Promise<WorkspacePlan> {
  return await withPlan(folder, options, (plan) => plan)
}

/** The same, and uses the plan beside the state that it was made on. */
export async function withPlan<T>(
  folder: string,
  options: PlanOptions,
  use: (plan: WorkspacePlan, state: StateStore) => T,
): Promise<T> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = await connectWorkspace(folder)
  const state = session.openState('read')
  try {
    const seen = await survey(session, options, [...state.machines().keys()], interrupts.signal)
    return use(await planSurvey(seen, options, session, state, interrupts.signal), state)
  } finally {
    state.close()
    interrupts.stop()
  }
}
