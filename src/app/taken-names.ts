import { addressOf } from '../core/address.ts'
import type { Problem } from '../core/problem.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import type { Subject } from './stage.ts'

/** Files of others that are in the way of a machine's: hours of copying would come before the stage that refuses. */
export function takenNames(
  { machine, place }: Subject,
  { files, target }: Context,
  state: StateStore | undefined,
): Problem[] {
  const disks = machine.disks.flatMap(({ to, place: goal }, index) => [
    { path: to.path, at: ['output', 'directory'] },
    ...(goal.kind === 'file' ? [{ path: goal.path, at: ['disks', index] }] : []),
  ])
  const published = target.paths(machine.target)
  return [...disks, ...published.map((path) => ({ path, at: ['output', 'directory'] }))]
    .filter(({ path }) => files.exists(path) && state?.artifact(path)?.machine !== machine.name)
    .map(({ path, at }) => ({
      severity: 'error',
      code: 'OUTPUT_NOT_OURS',
      summary: `${path} exists, and the state does not know it`,
      hint: 'move it away, restore the state it belongs to, let h2k state import take it over, or name another folder',
      at: place(at),
      address: addressOf(machine.name),
    }))
}
