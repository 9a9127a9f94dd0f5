import type { Session } from './session.ts'

/** The machines that the state knows. Without a lock: only to know what an address may name. */
export function recordedNames(session: Session): readonly string[] {
  const state = session.openState('read')
  try {
    return [...state.machines().keys()]
  } finally {
    state.close()
  }
}
