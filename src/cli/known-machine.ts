import { addressOf } from '../core/address.ts'
import { nearest } from '../core/nearest.ts'
import { problem } from '../core/problem.ts'
import type { StateStore } from '../ports/state.ts'

/** The name of a machine that the state knows, also one that left git or is only locked. @throws ProblemError ADDRESS_UNKNOWN */
export function knownMachine(name: string, state: StateStore): string {
  const names = [...state.machines({ forgotten: true }).keys(), ...state.locks().map(({ machine }) => machine)]
  if (names.includes(name)) return name
  const near = nearest(name, names)
  throw problem('ADDRESS_UNKNOWN', `${addressOf(name)}: the state does not know it`, {
    hint: near === undefined ? 'h2k state list --forgotten' : `did you mean ${addressOf(near)}?`,
  })
}
