import { findDrift } from '../app/find-drift.ts'
import { type Selection, select } from '../app/selection.ts'
import { suspendedMachines } from '../app/suspended-machines.ts'
import { tellDrift } from '../app/tell-drift.ts'
import { addressOf } from '../core/address.ts'
import { isRepairable, type MachineDrift, redoneStages } from '../core/drift.ts'
import { hasChanges, type Plan } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { planOptions } from './flags.ts'
import { listenForInterrupts } from './interrupt.ts'
import { judgedWorkspace } from './plan-workspace.ts'

/** Looks at the machines that the state knows, and tells those who want to hear of drift. Changes nothing. */
export async function lookForDrift(
  folder: string,
  selection: Pick<Selection, 'only' | 'exclude'>,
  deep: boolean,
): Promise<{
  readonly workspace: string
  readonly machines: readonly MachineDrift[]
  readonly problems: readonly Problem[]
}> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = await connectWorkspace(folder)
  const state = session.openState('read')
  try {
    const selected = select([...state.machines().keys()], selection)
    const suspended = await suspendedMachines(session)
    const machines = await findDrift(state, { selected, deep, suspended }, session.context, interrupts.signal)
    return {
      workspace: session.config.name,
      machines,
      problems: await tellDrift(machines, session, interrupts.signal),
    }
  } finally {
    state.close()
    interrupts.stop()
  }
}

/** The plan that repairs what drifted, with nothing of the other machines; undefined where no apply would repair anything. */
export async function planRepair(folder: string, machines: readonly MachineDrift[]): Promise<Plan | undefined> {
  const drifted = machines.filter(isRepairable)
  if (drifted.length === 0) return undefined
  const only = drifted.map(({ name }) => addressOf(name))
  const { plan: whole } = await judgedWorkspace(folder, planOptions({ only, redo: redoneStages(drifted) }))
  // To forget a machine that left git, or to remove it, repairs nothing.
  const plan = {
    ...whole,
    machines: whole.machines.filter(({ action }) => action !== 'forget' && action !== 'destroy'),
  }
  return hasChanges(plan) || plan.machines.some(({ action }) => action === 'blocked') ? plan : undefined
}
