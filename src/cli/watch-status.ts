import { setTimeout as wait } from 'node:timers/promises'
import type { LockHolder, MachineRecord, RunRecord } from '../core/record.ts'
import { listenForInterrupts } from './interrupt.ts'
import { withState } from './with-state.ts'

/** What runs, and how the latest run stands. */
export interface Status {
  readonly holders: readonly LockHolder[]
  readonly machines: readonly MachineRecord[]
  readonly latest: RunRecord | undefined
}

/** Looks once. */
export function readStatus(folder: string): Status {
  return withState(folder, (state) => ({
    holders: state.locks(),
    machines: [...state.machines().values()],
    latest: state.runs(1)[0],
  }))
}

/** Looks again every so many seconds and gives each to `show`, until nothing runs any more. Settles with 130 or 143 when told to stop. */
export async function watchStatus(
  folder: string,
  seconds: number,
  show: (status: Status) => void,
): Promise<number | undefined> {
  const interrupts = listenForInterrupts(() => undefined)
  try {
    for (;;) {
      const status = readStatus(folder)
      show(status)
      if (!status.holders.some(({ alive }) => alive)) return undefined
      const stopped = await wait(seconds * 1000, false, { signal: interrupts.signal }).catch(() => true)
      if (stopped) return interrupts.exitCode()
    }
  } finally {
    interrupts.stop()
  }
}
