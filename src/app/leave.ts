import { addressOf } from '../core/address.ts'
import { acts, type Plan } from '../core/plan.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import { destroyMachine } from './destroy-machine.ts'
import { endsRun } from './ends-run.ts'
import type { Run } from './run-stage.ts'

/** What became of machines that leave the state, or whose way out of it changed. */
export interface Left {
  readonly forgotten: readonly string[]
  readonly destroyed: readonly string[]
  /** Of those nothing but `on_remove` changed. */
  readonly kept: readonly string[]
  readonly failed: readonly string[]
  readonly problems: readonly Problem[]
}

/** Forgets, destroys and writes down, machine by machine, until the run is told to stop. */
export async function leave(plan: Plan, run: Run): Promise<Left> {
  const { writer, context, emit, signal } = run
  const left = { forgotten: [] as string[], destroyed: [] as string[], kept: [] as string[], failed: [] as string[] }
  const problems: Problem[] = []
  for (const planned of plan.machines) {
    const { name, action, stages, onRemove } = planned
    if (signal.aborted) break
    if (!acts(planned)) continue
    try {
      if (action === 'forget') {
        await writer.forget(name, context.clock.now())
        emit({ type: 'machine_forgotten', machine: name })
        left.forgotten.push(name)
      } else if (action === 'destroy') {
        await destroyMachine(planned, run)
        left.destroyed.push(name)
      } else if (onRemove && stages.length === 0) {
        await writer.onRemove(name, onRemove.to)
        left.kept.push(name)
      }
    } catch (error) {
      if (signal.aborted) break
      if (endsRun(error)) throw error
      const found = problemsOrBug(error).map((problem) => ({ address: addressOf(name), ...problem }))
      left.failed.push(name)
      problems.push(...found)
    }
  }
  return { ...left, problems }
}
