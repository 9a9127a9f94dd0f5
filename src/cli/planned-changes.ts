import type { Emit } from '../core/events.ts'
import type { Plan } from '../core/plan.ts'
import { counts } from '../core/policy/policy.ts'

/** Tells a stream of events what a plan would do; unchanged machines are left out. */
export function emitPlan(plan: Plan, emit: Emit): void {
  for (const { name, action, held, stages, readBytes, writeBytes } of plan.machines) {
    if (action === 'noop' || held) continue
    const running = stages.map(({ stage }) => stage)
    const bytes = { read_bytes: Math.round(readBytes), write_bytes: Math.round(writeBytes) }
    emit({ type: 'planned_change', machine: name, action, stages: running, ...bytes })
  }
  for (const finding of plan.policy ?? []) {
    const { rule, action, machine, evidence } = finding
    emit({
      type: 'policy',
      rule,
      action,
      ...(machine === undefined ? {} : { machine }),
      evidence,
      waived: !counts(finding),
    })
  }
}
