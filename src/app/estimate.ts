import { dirname } from 'node:path'
import type { Duration, PlannedMachine, SpaceBudget } from '../core/plan.ts'
import { shownPath } from '../core/relocate.ts'
import { formatRate } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import type { PlannedWrite } from './planned-writes.ts'

const enoughSamples = 3
// What the conversion is taken to do until it was measured: 12,000 MB a minute.
const assumedBytesPerSecond = 200e6

/** How long the copies of machines that act will take; undefined when there are none. */
export function estimateDuration(
  machines: readonly PlannedMachine[],
  { concurrency }: Context,
  state: StateStore | undefined,
): Duration | undefined {
  const copying = machines.filter(({ writeBytes }) => writeBytes > 0)
  if (copying.length === 0) return undefined
  const { rate, basis } = copyRate(state)
  const atOnce = Math.min(concurrency.disk_io, copying.length)
  const total = copying.reduce((sum, machine) => sum + machine.writeBytes, 0)
  return { seconds: total / rate / atOnce, basis }
}

/** Bytes in a second that one copy makes, and how that is known. */
export function copyRate(state: StateStore | undefined): { readonly rate: number; readonly basis: string } {
  const samples = state?.measurements('convert', 20) ?? []
  const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0)
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0)
  const measured = samples.length >= enoughSamples && seconds > 0
  const rate = measured ? bytes / seconds : assumedBytesPerSecond
  const basis = measured
    ? `convert measured at ${formatRate(rate)} over ${samples.length} runs`
    : `convert assumed at ${formatRate(rate)}`
  return { rate, basis }
}

/** What the copies need, and what there is, for each file system and pool that is written to. */
export function spaceBudgets(
  writes: readonly PlannedWrite[],
  { files, root }: Pick<Context, 'files' | 'root'>,
): readonly SpaceBudget[] {
  const folders = new Map<string, ReturnType<Context['files']['space']>>()
  const budgets = new Map<string, SpaceBudget>()
  for (const { path, bytes, pool } of writes) {
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
    const neededBytes = (budgets.get(filesystem)?.neededBytes ?? 0) + bytes
    budgets.set(filesystem, {
      path: budgets.get(filesystem)?.path ?? shownFolder(folder, root),
      neededBytes,
      freeBytes: coarse(freeBytes),
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
