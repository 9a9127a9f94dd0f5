import { startPace } from '../core/downtime.ts'
import { acts, idle, type Plan, type PlannedMachine } from '../core/plan.ts'
import type { MachineRecord } from '../core/record.ts'
import type { WaveRule } from '../core/waves.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { createEstimator } from './estimate.ts'
import { holdBack } from './hold-back.ts'
import { withApproval } from './plan-approval.ts'
import { withDowntime } from './plan-downtime.ts'
import { planMachine } from './plan-machine.ts'
import { isCalledAsBefore, notRenamedYet, planRemoval, type Sources } from './plan-removal.ts'
import type { PlannedWrite } from './planned-writes.ts'
import { cutoverBegun } from './recorded-machine.ts'
import { spaceBudgets } from './space-budgets.ts'
import type { Seen } from './subjects.ts'
import { toolVersions } from './tool-versions.ts'

export interface PlanRequest {
  readonly seen: readonly Seen[]
  /** Names in git, selected or not: what else the state knows has left git. */
  readonly inGit: ReadonlySet<string>
  readonly selected: ReadonlySet<string>
  readonly redo: readonly string[]
  /** Told to be removed, in git or not. */
  readonly destroyed: ReadonlySet<string>
  /** What no removal may touch. */
  readonly sources: Sources
  /** In the order in which they go; none where the workspace has none. */
  readonly waves: readonly WaveRule[]
  /** Whether to look if what was recorded is still there. */
  readonly refresh: boolean
  /** Sources are not looked at. */
  readonly cutsOver?: true
}

/** Compares what git wants with what the state recorded and, with `refresh`, with what is there. Changes nothing. */
export async function makePlan(
  request: PlanRequest,
  context: Context,
  state: StateStore | undefined,
  signal: AbortSignal,
): Promise<Plan> {
  const records = state?.machines() ?? new Map<string, MachineRecord>()
  const estimate = createEstimator(context, state)
  const start = startPace(records.values())
  const machines: PlannedMachine[] = []
  const writes = new Map<string, readonly PlannedWrite[]>()
  for (const seen of request.seen) {
    const record = records.get(seen.desired.name)
    const planned = await planMachine(seen, record, request, context, state, signal)
    const begun = state && record?.deeds.has('cutover') ? cutoverBegun(record.name, state) : undefined
    const machine = withApproval(planned.machine, seen, record, begun, context.clock.now())
    machines.push(withDowntime(machine, seen, record, start, estimate))
    writes.set(planned.machine.name, planned.writes ?? [])
  }
  const ways = [...records.values()].map((record) => ({ record, way: leaving(record, request) }))
  const removed = ways.filter(({ way }) => way === 'destroy').map(({ record }) => record.name)
  const sight = context.target.sight(state ? removed.flatMap((name) => state.artifacts(name)) : [])
  for (const { record, way } of ways) {
    if (way === 'destroy' && state) {
      machines.push(
        request.destroyed.has(record.name) || !isCalledAsBefore(record, request.inGit, records)
          ? await planRemoval(record, request.sources, sight, context, state, signal)
          : notRenamedYet(record),
      )
    }
    if (way === 'forget') machines.push({ ...idle(record), action: 'forget' })
  }
  const ordered = holdBack(machines, request.seen, records, request.waves, context.clock.now())
  const acting = ordered.machines.filter(acts)
  const duration = estimate(acting)
  return {
    format_version: 1,
    workspace: context.workspace,
    // A state that nothing was written to is no other than one that is made later.
    ...(state && state.serial() > 0 ? { lineage: state.lineage } : {}),
    serial: state?.serial() ?? 0,
    redo: request.redo,
    refresh: request.refresh,
    tools: await plannedTools(machines, context, signal),
    ...ordered,
    space: spaceBudgets(
      acting.flatMap(({ name }) => writes.get(name) ?? []),
      context,
    ),
    ...(duration ? { duration } : {}),
  }
}

async function plannedTools(machines: readonly PlannedMachine[], context: Context, signal: AbortSignal) {
  const stages = machines.flatMap((machine) => machine.stages.map(({ stage }) => stage))
  const guests = stages.includes('inspect') || stages.includes('fix') ? ['libguestfs', 'accelerator'] : []
  return stages.length > 0 ? await toolVersions(['qemu-img', ...guests], context, signal) : {}
}

function leaving({ name, onRemove }: MachineRecord, { inGit, selected, destroyed }: PlanRequest) {
  if (!selected.has(name)) return undefined
  if (destroyed.has(name)) return 'destroy'
  return inGit.has(name) ? undefined : onRemove
}
