import type { Duration, Plan, PlannedMachine } from '../core/plan.ts'
import type { Foreseen, ForeseenMachine } from '../core/record.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { createEstimator } from './estimate.ts'

/** What a plan foresees of its run, as the state keeps it. */
export function foresee(plan: Plan, context: Context, state: StateStore): Foreseen {
  const left = plan.machines.filter(({ action, held }) => action !== 'noop' || held)
  const acting = left.filter(({ action, held }) => action !== 'blocked' && !held)
  const estimate = createEstimator(context, state)
  const sum = (bytes: 'readBytes' | 'writeBytes') => acting.reduce((total, machine) => total + machine[bytes], 0)
  return {
    readBytes: sum('readBytes'),
    writeBytes: sum('writeBytes'),
    ...estimate(acting),
    unchanged: plan.machines.length - left.length,
    waves: (plan.waves ?? []).map(({ name, pauseAfter }) => ({ name, pauseAfter })),
    machines: left.map((machine) =>
      foreseenMachine(machine, acting.includes(machine) ? estimate([machine]) : undefined),
    ),
  }
}

/** `alone`: how long it would take if it were the only one. */
function foreseenMachine(machine: PlannedMachine, alone: Duration | undefined): ForeseenMachine {
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
    ...(alone ? { seconds: alone.seconds } : {}),
    ...(why === undefined ? {} : { why }),
  }
}
