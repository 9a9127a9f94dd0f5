import type { MachineRecord } from '../core/record.ts'
import type { Desired } from '../core/resolve-machine.ts'
import type { StateStore } from '../ports/state.ts'
import type { Session } from './session.ts'

/** Machines of the state by their names, also those that left git. */
export type Records = ReadonlyMap<string, MachineRecord>

/** The machines that the state knows. Without a lock: only to know what an address may name, and what is called how. */
export function recordedMachines(session: Session): Records {
  const state = session.openState('read')
  try {
    return recordsOf(state)
  } finally {
    state.close()
  }
}

export function recordsOf(state: StateStore): Records {
  return state.machines({ forgotten: true })
}

/** The names of those that did not leave git. */
export function namesOf(records: Records): readonly string[] {
  return [...records.values()].filter(({ forgottenAt }) => forgottenAt === undefined).map(({ name }) => name)
}

/** Machines of git, each with what its things in the world are known by. */
export function withIdentities(machines: readonly Desired[], records: Pick<Records, 'get'>): Desired[] {
  return machines.map((machine) => {
    const { madeAs, domainUuid } = records.get(machine.name) ?? {}
    return {
      ...machine,
      ...(madeAs === undefined ? {} : { madeAs }),
      ...(domainUuid === undefined ? {} : { domainUuid }),
    }
  })
}
