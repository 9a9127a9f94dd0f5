import { addressOf } from '../core/address.ts'
import { problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { shownPath } from '../core/relocate.ts'
import type { StateStore, StateWriter } from '../ports/state.ts'
import { recordOf, sourceLeftOff } from './recorded-machine.ts'
import { runStart } from './run-start.ts'
import type { Session } from './session.ts'

/** What stays in the world after the state was changed by hand. */
export interface StateChange {
  /** The copy of the state as it was. */
  readonly backup: string
  /** What h2k made, relative to the workspace where it is in it. */
  readonly stays: readonly string[]
}

/** What the state forgot of machines. */
export interface Removed extends StateChange {
  /** Sources that cutovers which did not end may have switched off. */
  readonly sourcesOff: readonly { readonly name: string; readonly uri: string }[]
}

/**
 * Takes machines out of the state. What was made for them stays, and is no longer h2k's.
 * @throws ProblemError LOCKED
 */
export async function removeMachines(
  names: readonly string[],
  state: StateStore,
  session: Session,
  signal: AbortSignal,
): Promise<Removed> {
  const unknown = names.find((name) => !state.machine(name))
  if (unknown !== undefined) {
    throw problem('ADDRESS_UNKNOWN', `${addressOf(unknown)}: nothing is recorded of it`, { hint: 'h2k state list' })
  }
  const stays = names.flatMap((name) => madeFor(name, state, session))
  const sourcesOff = names.flatMap((name) => sourceLeftOff(recordOf(name, { state }), state) ?? [])
  const backup = await changed('state rm', names, state, session, signal, async (writer) => {
    for (const name of names) await writer.drop(name, session.clock.now())
  })
  return { backup, stays, sourcesOff }
}

/**
 * Gives a machine of the state another name. What was made for it keeps the name that it has, and is known by it.
 * @throws ProblemError NAME_DUPLICATE, LOCKED
 */
export async function renameMachine(
  from: MachineRecord,
  to: string,
  state: StateStore,
  session: Session,
  signal: AbortSignal,
): Promise<StateChange> {
  if (state.machine(to)) {
    throw problem('NAME_DUPLICATE', `${addressOf(to)}: the state knows a machine of that name already`, {
      hint: `h2k state show ${addressOf(to)}`,
    })
  }
  const stays = madeFor(from.name, state, session)
  const backup = await changed('state mv', [from.name, to], state, session, signal, (writer) => {
    return writer.rename(from.name, to, session.clock.now())
  })
  return { backup, stays }
}

function madeFor(name: string, state: StateStore, { context }: Session): readonly string[] {
  return state
    .artifacts(name)
    .filter(({ status }) => status === 'made')
    .map(({ path }) => shownPath(path, context.root))
}

async function changed(
  command: string,
  names: readonly string[],
  state: StateStore,
  session: Session,
  signal: AbortSignal,
  change: (writer: StateWriter) => Promise<void>,
): Promise<string> {
  const run = await runStart(command, session, signal)
  const backup = state.keep()
  const writer = state.begin(run, names)
  let exitCode = 1
  try {
    await change(writer)
    exitCode = 0
  } finally {
    await writer.end({ finishedAt: session.clock.now(), exitCode })
  }
  return backup
}
