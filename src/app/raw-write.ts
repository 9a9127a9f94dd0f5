import type { Machine } from '../core/machine.ts'
import type { DiskUsage } from '../ports/source.ts'
import { plannedEngine } from './planned-engine.ts'
import type { PlannedWrite } from './planned-writes.ts'

/** The largest of the raw images that a machine's disks are compressed from, at most: there is one at a time. */
export function rawWrite(machine: Machine, usage: readonly DiskUsage[]): PlannedWrite | undefined {
  if (machine.conversion.compressionLevel === undefined) return undefined
  const writes = machine.disks.flatMap(({ id, to }) => {
    const found = usage.find((disk) => disk.id === id)
    const engine = found && plannedEngine(machine, found)
    const read = engine?.by === 'h2k' && engine.rawFirst === undefined
    return found && !read ? [{ path: `${to.path}.raw`, bytes: found.usedBytes, meanwhile: 'copied' as const }] : []
  })
  return writes.toSorted((a, b) => b.bytes - a.bytes)[0]
}
