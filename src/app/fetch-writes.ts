import { isRemote } from '../core/arrival.ts'
import type { Machine } from '../core/machine.ts'
import { fileNameOf } from '../core/printable.ts'
import type { DiskUsage } from '../ports/source.ts'
import type { Context } from './context.ts'
import { scratchFolder } from './guest-disks.ts'
import { isCopiedArriving } from './planned-engine.ts'
import type { PlannedWrite } from './planned-writes.ts'

/** What is fetched from a web server into the work folder, while the machine is worked on. */
export function fetchWrites(
  machine: Machine,
  usage: readonly DiskUsage[],
  context: Pick<Context, 'workDirectory'>,
): readonly PlannedWrite[] {
  if (!isRemote(machine)) return []
  return machine.disks.flatMap((disk) => {
    const found = usage.find(({ id }) => id === disk.id)
    if (!found || isCopiedArriving(machine, found)) return []
    const path = `${scratchFolder(machine, context)}/${fileNameOf(disk.id)}`
    return [{ path, bytes: found.fileBytes, meanwhile: 'worked' }]
  })
}
