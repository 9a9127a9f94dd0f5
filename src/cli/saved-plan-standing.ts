import { fieldPlaces } from '../app/plan-workspace.ts'
import { problemsOf } from '../core/problem.ts'
import type { SavedPlan } from '../core/saved-plan.ts'
import { type StaleMachine, staleMachines } from '../core/stale-machines.ts'
import { planOptions } from './flags.ts'
import { requireTrusted } from './plan-file.ts'
import { withPlan } from './plan-workspace.ts'

export interface PlanStanding {
  readonly used?: { readonly who: string; readonly startedAt: string; readonly id: string }
  readonly stale: readonly StaleMachine[]
  /** Why its signature is not enough here; undefined where it is, or none is asked for. */
  readonly untrusted?: string
}

/** Whether a saved plan can still be applied in a workspace. */
export async function standingOf(saved: SavedPlan, path: string, folder: string): Promise<PlanStanding> {
  const options = planOptions({ redo: saved.plan.redo, refresh: saved.plan.refresh })
  return await withPlan(folder, options, async ({ plan, subjects }, { state, session }) => {
    const used = state.planUse(saved.id)
    const untrusted = await whyUntrusted(() => requireTrusted(saved, path, session))
    const stale = used ? [] : staleMachines(saved.plan, plan, fieldPlaces(subjects))
    return { stale, ...(used ? { used } : {}), ...(untrusted === undefined ? {} : { untrusted }) }
  })
}

async function whyUntrusted(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    const [known] = problemsOf(error) ?? []
    if (!known) throw error
    return known.summary
  }
}
