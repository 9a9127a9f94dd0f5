import type { Emit } from '../core/events.ts'
import type { MachineBatch } from '../core/machine.ts'
import { acts, hasChanges, type Plan, waits } from '../core/plan.ts'
import { findingProblems } from '../core/policy/finding-problems.ts'
import { denies } from '../core/policy/policy.ts'
import { type Problem, ProblemError, problem } from '../core/problem.ts'
import { reviewedPart, type SavedPlan } from '../core/saved-plan.ts'
import { type StaleMachine, staleMachines, staleProblems } from '../core/stale-machines.ts'
import { formatBytes } from '../core/units.ts'
import type { StateStore, StateWriter } from '../ports/state.ts'
import { type Applied, apply } from './apply.ts'
import { judgePlan } from './judge-plan.ts'
import { notifications } from './notifications.ts'
import { fieldPlaces, leftovers, type PlanOptions, planSurvey, survey } from './plan-workspace.ts'
import { namesOf, recordedMachines, refuseRenamed } from './recorded-machines.ts'
import { runStart } from './run-start.ts'
import type { Session } from './session.ts'
import { stagesOf } from './stages/table.ts'
import type { Seen } from './subjects.ts'
import { sweepFinished } from './sweep.ts'

export interface ApplyRequest {
  readonly options: PlanOptions
  /** A plan that was reviewed: only what it holds is done, and only where it is still true. */
  readonly saved?: SavedPlan
  /** One stale machine stops all. */
  readonly allOrNothing: boolean
  /** 130 or 143 once somebody wants h2k to stop. */
  interrupted(): number | undefined
  /** Takes what happens before and after the run itself. */
  readonly notify: Emit
  /** Shows the plan and settles with whether to go on. */
  approve(plan: Plan, problems: readonly Problem[]): Promise<boolean>
  /** Shows the run while it goes on. */
  show(work: (emit: Emit) => Promise<Applied>): Promise<Applied>
}

export interface ApplyResult {
  readonly plan: Plan
  /** Absent when there was nothing to do, or it was not approved. */
  readonly applied?: Applied
  readonly approved: boolean
  /** Machines of a saved plan that it no longer fits. */
  readonly stale: readonly StaleMachine[]
  /** What could not be planned. */
  readonly problems: readonly Problem[]
  readonly exitCode: number
}

/**
 * Plans and runs under the machines' locks, which are held until the end.
 * @throws ProblemError LOCKED, PLAN_USED, PLAN_STALE (with `allOrNothing`, or when nothing else is left), SPACE_SHORT,
 * POLICY_DENIED, LEASE_LOST, STATE_…
 */
export async function applyWorkspace(
  session: Session,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const recorded = recordedMachines(session)
  const { redo, refresh } = request.saved?.plan ?? request.options
  // Only what was reviewed is looked at: nothing else may hold it back, or be locked.
  const reviewed = request.saved?.plan.machines.filter((machine) => acts(machine) || machine.held)
  const within = reviewed && { within: new Set(reviewed.map(({ name }) => name)) }
  const options = { ...request.options, redo, refresh, ...within }
  const seen = await survey(session, options, recorded, signal)
  const made = () => (namesOf(recorded).length > 0 ? [] : leftovers(seen.seen, session.context))
  const state = session.openState('create', made)
  try {
    refuseUsed(request.saved, state)
    const run = await runStart(request.options.destroy ? 'destroy' : 'apply', session, signal)
    const writer = state.begin(run, [...seen.selected])
    const lock = { type: 'lock', token: writer.token, machines: seen.selected.size } as const
    request.notify({ ...lock, status: 'taken' })
    let exitCode = 1
    try {
      refuseRenamed(recorded, state, seen.selected)
      const result = await applyLocked(session, { ...request, options }, seen, state, writer, signal)
      exitCode = request.interrupted() ?? result.exitCode
      return result
    } finally {
      await writer.end({ finishedAt: session.clock.now(), exitCode })
      request.notify({ ...lock, status: 'released' })
    }
  } finally {
    state.close()
  }
}

async function applyLocked(
  session: Session,
  request: ApplyRequest,
  seen: Awaited<ReturnType<typeof survey>>,
  state: StateStore,
  writer: StateWriter,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { plan: whole, subjects, problems: ofPlan } = await planSurvey(seen, request.options, session, state, signal)
  const stale = request.saved ? staleMachines(request.saved.plan, whole, fieldPlaces(subjects)) : []
  const part = request.saved ? reviewedPart(request.saved.plan, whole, stale) : whole
  if (stale.length > 0 && (request.allOrNothing || !hasChanges(part))) throw new ProblemError(staleProblems(stale))
  const { plan, ended } = await judgePlan(part, seen, session, state, signal)
  const denied = (plan.policy ?? []).filter(denies)
  if (denied.length > 0) throw new ProblemError([...ended, ...findingProblems(denied)])
  const foreseen = [...ofPlan, ...ended]
  const approved = !hasChanges(plan) || (await request.approve(plan, foreseen))
  const swept = approved ? await sweepFinished(whole, { context: session.context, state, writer, signal }) : []
  const outcome = { plan, stale, problems: [...foreseen, ...swept] }
  if (!hasChanges(plan) || !approved) {
    return { ...outcome, approved, exitCode: approved ? exitCodeFor(undefined, outcome) : 7 }
  }
  refuseShort(plan)
  if (request.saved) await writer.usePlan(request.saved.id)
  const { context, reached } = session
  const redo = request.options.redo
  const applied = await request.show(async (emit) => {
    const told = notifications(session, writer.runId, emit, signal)
    const applied = await apply(plan, subjects, seen.waves, batchesOf(seen.seen), {
      version: session.version,
      context,
      state,
      writer,
      emit: told.emit,
      signal,
      redo,
      stagesOf,
      reached,
    })
    await told.end()
    return applied
  })
  return { ...outcome, approved, applied, exitCode: exitCodeFor(applied, outcome) }
}

function batchesOf(seen: readonly Seen[]): ReadonlyMap<string, MachineBatch> {
  return new Map(seen.flatMap(({ desired: { name, batch } }) => (batch ? [[name, batch]] : [])))
}

function exitCodeFor(
  applied: Applied | undefined,
  { plan, stale, problems }: Pick<ApplyResult, 'plan' | 'stale' | 'problems'>,
): number {
  const failed = (applied?.failed.length ?? 0) + problems.filter(({ severity }) => severity === 'error').length
  if (failed > 0) return (applied?.done.length ?? 0) + (applied?.destroyed.length ?? 0) > 0 ? 3 : 1
  if (stale.length > 0) return 4
  return plan.machines.some(waits) || (applied?.held.size ?? 0) > 0 ? 7 : 0
}

function refuseUsed(saved: SavedPlan | undefined, state: StateStore): void {
  const use = saved && state.planUse(saved.id)
  if (!use) return
  throw problem('PLAN_USED', `this plan was applied already, by ${use.who} at ${use.startedAt} (run ${use.id})`, {
    hint: 'plan again',
  })
}

function refuseShort({ space }: Plan): void {
  const short = space.filter(({ neededBytes, freeBytes }) => neededBytes > freeBytes)
  if (short.length === 0) return
  throw new ProblemError(
    short.map(({ path, neededBytes, freeBytes }) => ({
      severity: 'error',
      code: 'SPACE_SHORT',
      summary: `${path} needs up to ${formatBytes(neededBytes)} and has ${formatBytes(freeBytes)} free`,
      hint: 'make room, or apply fewer machines with --only',
    })),
  )
}
