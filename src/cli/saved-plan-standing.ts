import { planSurvey, survey } from '../app/plan-workspace.ts'
import type { Problem } from '../core/problem.ts'
import { type SavedPlan, staleness } from '../core/saved-plan.ts'
import { planOptions } from './flags.ts'
import { listenForInterrupts } from './interrupt.ts'
import { connect } from './wiring.ts'

/** Whether a saved plan can still be applied in a workspace. */
export async function standingOf(
  saved: SavedPlan,
  folder: string,
): Promise<{ banner: readonly string[]; used: boolean; stale: readonly Problem[] }> {
  const session = connect(folder)
  const state = session.openState('read')
  const interrupts = listenForInterrupts(() => undefined)
  try {
    const use = state.planUse(saved.id)
    if (use) {
      return {
        banner: [`This plan was applied by ${use.who} at ${use.startedAt}, run ${use.id}.`, ''],
        used: true,
        stale: [],
      }
    }
    const options = planOptions({ redo: saved.plan.redo, refresh: saved.plan.refresh })
    const seen = await survey(session, options, [...state.machines().keys()], interrupts.signal)
    const { plan } = await planSurvey(seen, options, session, state, interrupts.signal)
    const stale = staleness(saved.plan, plan)
    const banner = stale.length > 0 ? [`This plan is stale: ${stale.length} of its machines changed since.`, ''] : []
    return { banner, used: false, stale }
  } finally {
    state.close()
    interrupts.stop()
  }
}
