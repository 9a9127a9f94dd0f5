import { planSurvey, survey, type WorkspacePlan } from '../app/plan-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'
import { connect } from './wiring.ts'

interface PlanFlags {
  readonly only: readonly string[]
  readonly exclude: readonly string[]
  readonly redo?: readonly string[]
  readonly refresh?: boolean
}

/** Connects to a workspace, reads its state, if there is one, and plans. Changes nothing. */
export async function planWorkspace(folder: string, flags: PlanFlags): Promise<WorkspacePlan> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = connect(folder)
  const state = session.openState('read')
  try {
    const options = { only: flags.only, exclude: flags.exclude, redo: flags.redo ?? [], refresh: flags.refresh ?? true }
    const seen = await survey(session, options, [...state.machines().keys()], interrupts.signal)
    return await planSurvey(seen, options, session, state, interrupts.signal)
  } finally {
    state.close()
    interrupts.stop()
  }
}
