import type { StateStore } from '../ports/state.ts'
import { connect } from './wiring.ts'

/** Opens a workspace's state, uses it and closes it. */
export function withState<T>(folder: string, use: (state: StateStore) => T, mode: 'read' | 'write' = 'read'): T {
  const state = connect(folder).openState(mode)
  let result: T
  try {
    result = use(state)
  } catch (error) {
    state.close()
    throw error
  }
  if (!(result instanceof Promise)) {
    state.close()
    return result
  }
  return result.finally(() => state.close()) as T
}
