import { addressOf } from '../core/address.ts'
import { problem } from '../core/problem.ts'
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

/**
 * Between a look at the state and the locks somebody may have given one of these machines another name, or imported it.
 * @throws ProblemError PLAN_STALE
 */
export function refuseRenamed(seen: Records, state: StateStore, names: Iterable<string>): void {
  const now = recordsOf(state)
  for (const name of names) {
    const [before, after] = [seen.get(name), now.get(name)]
    if (before?.madeAs === after?.madeAs && before?.domainUuid === after?.domainUuid) continue
    const summary = `${addressOf(name)} was renamed or imported in the state in the meantime`
    throw problem('PLAN_STALE', summary, { hint: 'run it again' })
  }
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
