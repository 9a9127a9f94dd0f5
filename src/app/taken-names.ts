import { addressOf } from '../core/address.ts'
import type { Problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import type { Subject } from './stage.ts'

/** Files of others that are in the way of a machine's disks: hours of copying would come before the stage that refuses. */
export function takenNames(
  { machine, place }: Subject,
  record: MachineRecord | undefined,
  { files }: Context,
  state: StateStore | undefined,
): Problem[] {
  const published = record?.stages.get('publish') !== undefined
  return machine.disks
    .flatMap((disk, index) => {
      const converted = { path: disk.to.path, at: ['output', 'directory'] }
      const placed = disk.place.kind === 'file' ? [{ path: disk.place.path, at: ['disks', index] }] : []
      return published ? placed : [converted, ...placed]
    })
    .filter(({ path }) => files.exists(path) && state?.artifact(path)?.machine !== machine.name)
    .map(({ path, at }) => ({
      severity: 'error',
      code: 'OUTPUT_NOT_OURS',
      summary: `${path} exists, and the state does not know it`,
      hint: 'move it away, restore the state it belongs to, or name another folder',
      at: place(at),
      address: addressOf(machine.name),
    }))
}
