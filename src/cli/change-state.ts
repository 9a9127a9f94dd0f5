import type { Session } from '../app/session.ts'
import type { StateStore } from '../ports/state.ts'
import { connectWorkspace } from './connect-workspace.ts'
import { listenForInterrupts } from './interrupt.ts'

/** Opens the state of a workspace to change it by hand, and closes it. */
export async function changeState<T>(
  folder: string,
  mode: 'write' | 'create',
  change: (state: StateStore, session: Session, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupts = listenForInterrupts(() => undefined)
  const session = await connectWorkspace(folder)
  const state = session.openState(mode)
  try {
    return await change(state, session, interrupts.signal)
  } finally {
    state.close()
    interrupts.stop()
  }
}
