import { type PlanOptions, planSurvey, survey, type WorkspacePlan } from '../app/plan-workspace.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'

/** Connects to a workspace, reads its state, if there is one, and plans. Changes nothing. */
export async function planWorkspace(folder: string, options: PlanOptions): Promise<WorkspacePlan> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = await connectWorkspace(folder)
  const state = session.openState('read')
  try {
    const seen = await survey(session, options, [...state.machines().keys()], interrupts.signal)
    return await planSurvey(seen, options, session, state, interrupts.signal)
  } finally {
    state.close()
    interrupts.stop()
  }
}
