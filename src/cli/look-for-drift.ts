import { findDrift } from '../app/find-drift.ts'
import { type Selection, select } from '../app/selection.ts'
import type { MachineDrift } from '../core/drift.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'

/** Looks at the machines that the state knows. Changes nothing. */
export async function lookForDrift(
  folder: string,
  selection: Pick<Selection, 'only' | 'exclude'>,
  deep: boolean,
): Promise<readonly MachineDrift[]> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = await connectWorkspace(folder)
  const state = session.openState('read')
  try {
    const selected = select([...state.machines().keys()], selection)
    return await findDrift(state, { selected, deep }, session.context, interrupts.signal)
  } finally {
    state.close()
    interrupts.stop()
  }
}
