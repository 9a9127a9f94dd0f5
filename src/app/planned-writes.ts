import type { Machine } from '../core/machine.ts'
import type { ConvertOutput, ExportOutput } from '../core/outputs.ts'
import type { MachineRecord } from '../core/record.ts'
import type { StageName } from '../core/stage-names.ts'
import type { Files } from '../ports/files.ts'
import type { DiskUsage } from '../ports/source.ts'
import type { Prospect } from '../ports/target.ts'
import { type Known, soundCopies } from './whereabouts.ts'

/** What a plan writes at a path, at most. */
export interface PlannedWrite {
  readonly path: string
  readonly bytes: number
  /** The pool that it goes into, where that is no folder of this host. */
  readonly pool?: { readonly name: string; readonly freeBytes: number }
  /** It is only there while the machine is worked on, or while one of its disks is copied. */
  readonly meanwhile?: 'worked' | 'copied'
}

/** What the stages of a machine that run write: the conversion, and publishing where a disk's place is on another file system. */
export function plannedWrites(
  machine: Machine,
  running: ReadonlySet<StageName>,
  usage: readonly DiskUsage[],
  record: MachineRecord | undefined,
  files: Files,
  known: Known,
  places: Prospect['places'],
): readonly PlannedWrite[] {
  const converts = running.has('convert')
  const exported = record?.stages.get('export')?.output as unknown as ExportOutput | undefined
  const converted = record?.stages.get('convert')?.output as unknown as ConvertOutput | undefined
  const allocated = machine.conversion.preallocation === 'falloc' || machine.conversion.preallocation === 'full'
  return machine.disks.flatMap(({ id, virtualBytes, to, place }) => {
    const used = usage.find((disk) => disk.id === id)?.usedBytes
    const exportedBytes = exported?.disks.find((disk) => disk.id === id)?.allocatedBytes
    const file = converted?.disks.find((disk) => disk.id === id)?.file
    // A sparse file is larger than what it takes.
    const bytes = allocated
      ? virtualBytes
      : (used ?? Math.min(file?.bytes ?? virtualBytes, exportedBytes ?? virtualBytes))
    const writes = converts ? [{ path: to.path, bytes }] : []
    if (!running.has('publish')) return writes
    const copies = converts ? [] : soundCopies({ id, path: to.path }, files, known)
    const from = copies[0]?.path ?? to.path
    const filesystem = (path: string) => files.space(path).filesystem
    if (place.kind === 'pool') {
      const goal = places.get(id)
      if (!goal || copies.some(({ path }) => path === goal.path)) return writes
      const moved = goal.path.startsWith('/') && machine.target.kind === 'libvirt' && machine.target.move
      if (moved && filesystem(goal.path) === filesystem(from)) return writes
      const { path, pool, thick } = goal
      return [...writes, { path, bytes: thick ? virtualBytes : bytes, ...(pool ? { pool } : {}) }]
    }
    const goal = place.kind === 'file' ? place.path : to.path
    const copied = goal !== from && filesystem(goal) !== filesystem(from)
    return copied ? [...writes, { path: goal, bytes }] : writes
  })
}
