import { dirname } from 'node:path'
import type { SpaceBudget } from '../core/plan.ts'
import { shownPath } from '../core/relocate.ts'
import type { Context } from './context.ts'
import type { PlannedWrite } from './planned-writes.ts'

/** What the copies and the overlays of repairs need, and what there is, for each file system and pool that is written to. */
export function spaceBudgets(
  writes: readonly PlannedWrite[],
  { files, root, concurrency }: Pick<Context, 'files' | 'root' | 'concurrency'>,
): readonly SpaceBudget[] {
  const passing = writes.filter(({ meanwhile }) => meanwhile).toSorted((a, b) => b.bytes - a.bytes)
  // There are so many at a time, of each kind; on each file system they may all be the largest.
  const most = { worked: concurrency.global, copied: concurrency.disk_io }
  const counts = new Map<string, number>()
  const folders = new Map<string, ReturnType<Context['files']['space']>>()
  const budgets = new Map<string, SpaceBudget>()
  for (const { path, bytes, pool, meanwhile } of [...writes.filter((write) => !write.meanwhile), ...passing]) {
    if (pool) {
      const neededBytes = (budgets.get(pool.name)?.neededBytes ?? 0) + bytes
      budgets.set(pool.name, { path: pool.name, neededBytes, freeBytes: coarse(pool.freeBytes) })
      continue
    }
    // What lies where nobody told how much room there is.
    if (!path.startsWith('/')) continue
    const folder = dirname(path)
    const space = folders.get(folder) ?? files.space(folder)
    folders.set(folder, space)
    const { filesystem, freeBytes } = space
    if (meanwhile) {
      const kind = `${meanwhile} ${filesystem}`
      const count = counts.get(kind) ?? 0
      if (count >= most[meanwhile]) continue
      counts.set(kind, count + 1)
    }
    const before = budgets.get(filesystem)
    const overlayBytes = (before?.overlayBytes ?? 0) + (meanwhile ? bytes : 0)
    budgets.set(filesystem, {
      path: before?.path ?? shownFolder(folder, root),
      neededBytes: (before?.neededBytes ?? 0) + bytes,
      freeBytes: coarse(freeBytes),
      ...(overlayBytes > 0 ? { overlayBytes } : {}),
    })
  }
  return [...budgets.values()]
}

// In the workspace, the first part of the path says enough.
function shownFolder(folder: string, root: string): string {
  const shown = shownPath(folder, root)
  return shown.startsWith('/') ? shown : (shown.split('/')[0] ?? shown)
}

// Rounded down to five significant bits: a log line written meanwhile must not make another plan of the same input.
function coarse(bytes: number): number {
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, bytes))) - 5)
  return Math.floor(bytes / unit) * unit
}
