import type { Plan, PlannedMachine } from '../core/plan.ts'
import type { Foreseen, ForeseenMachine } from '../core/record.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { estimateDuration } from './estimate.ts'

/** What a plan foresees of its run, as the state keeps it. */
export function foresee(plan: Plan, context: Context, state: StateStore): Foreseen {
  const left = plan.machines.filter(({ action, held }) => action !== 'noop' || held)
  const acting = left.filter(({ action, held }) => action !== 'blocked' && !held)
  const duration = estimateDuration(acting, context, state)
  const secondsPerByte = duration && paceOf(acting, context, state)
  const sum = (bytes: 'readBytes' | 'writeBytes') => acting.reduce((total, machine) => total + machine[bytes], 0)
  return {
    readBytes: sum('readBytes'),
    writeBytes: sum('writeBytes'),
    ...duration,
    unchanged: plan.machines.length - left.length,
    waves: (plan.waves ?? []).map(({ name, pauseAfter }) => ({ name, pauseAfter })),
    machines: left.map((machine) => foreseenMachine(machine, secondsPerByte)),
  }
}

/** Seconds that a byte takes where one machine is copied at a time. */
function paceOf(acting: readonly PlannedMachine[], context: Context, state: StateStore): number {
  const largest = acting.toSorted((a, b) => b.writeBytes - a.writeBytes).slice(0, 1)
  return (estimateDuration(largest, context, state)?.seconds ?? 0) / (largest[0]?.writeBytes || 1)
}

function foreseenMachine(machine: PlannedMachine, secondsPerByte: number | undefined): ForeseenMachine {
  const { name, file, action, wave, stages, readBytes, writeBytes, problems, held } = machine
  const why = held?.why ?? (action === 'blocked' ? problems[0]?.summary : undefined)
  return {
    name,
    file,
    action,
    ...(wave === undefined ? {} : { wave }),
    stages: stages.map(({ stage }) => stage),
    readBytes,
    writeBytes,
    ...(writeBytes > 0 && secondsPerByte !== undefined ? { seconds: writeBytes * secondsPerByte } : {}),
    ...(why === undefined ? {} : { why }),
  }
}
