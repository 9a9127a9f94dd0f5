import { addressOf, parseAddress } from '../core/address.ts'
import { keysOfField } from '../core/field-keys.ts'
import type { Plan } from '../core/plan.ts'
import { type Problem, ProblemError, problem } from '../core/problem.ts'
import type { Desired } from '../core/resolve-machine.ts'
import type { FieldPlace } from '../core/stale-machines.ts'
import { unknownWave, type WaveRule } from '../core/waves.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { loadWorkspace } from './load-workspace.ts'
import { makePlan } from './make-plan.ts'
import type { Sources } from './plan-removal.ts'
import { policyProblems } from './policy.ts'
import { namesOf, type Records, withIdentities } from './recorded-machines.ts'
import { type Selection, select } from './selection.ts'
import type { Session } from './session.ts'
import type { Subject } from './stage.ts'
import { offlineProblems, type Seen, seeMachines, sourcePaths, uselessProblems } from './subjects.ts'

export interface PlanOptions extends Selection {
  /** No other machines, whatever the rest says. */
  readonly within?: ReadonlySet<string>
  /** Addresses to remove, and nothing else is done. */
  readonly destroy?: readonly string[]
  readonly refresh: boolean
  /** It is made for cutovers, which look at the sources themselves: those are off when they are copied once more. */
  readonly cutsOver?: true
}

/** A plan with what applying it needs. */
export interface WorkspacePlan {
  readonly plan: Plan
  readonly subjects: ReadonlyMap<string, Subject>
  /** Everything that keeps machines from being planned. */
  readonly problems: readonly Problem[]
}

/** What git holds, selected, and looked up at its sources. */
export interface Survey {
  readonly seen: readonly Seen[]
  readonly inGit: ReadonlySet<string>
  readonly selected: ReadonlySet<string>
  readonly destroyed: ReadonlySet<string>
  readonly sources: Sources
  readonly waves: readonly WaveRule[]
  /** All machines of git, where there are waves. */
  readonly inWaves: readonly Desired[]
  readonly warnings: readonly Problem[]
}

/**
 * Reads the workspace and asks the sources.
 * @throws ProblemError with all problems when a file of the workspace has one: half a workspace would look as if the
 * rest had been removed from git; POLICY_DENIED for what the workspace's schemas do not allow
 */
export async function survey(
  session: Session,
  selection: Omit<PlanOptions, 'refresh'>,
  records: Records,
  signal: AbortSignal,
): Promise<Survey> {
  const loaded = await loadWorkspace(session.config, session.files, session.cache, session.version)
  const workspace = { ...loaded, machines: withIdentities(loaded.machines, records) }
  const recorded = namesOf(records)
  if (workspace.problems.some(({ severity }) => severity === 'error')) {
    throw new ProblemError([...workspace.problems, ...offlineProblems(workspace.machines, session)])
  }
  const inGit = new Set([...workspace.machines.map(({ name }) => name), ...workspace.disabled])
  // A misspelt address would look as if there were nothing to redo.
  const redone = selection.redo.map((address) => addressOf(parseAddress(address).machine))
  if (redone.length > 0) select([...inGit], { only: redone, exclude: [] })
  const sources = new Map(
    workspace.machines.flatMap((desired) => sourcePaths(desired, session.files).map((path) => [path, desired.name])),
  )
  const { waves } = workspace
  const warnings = [...workspace.problems, ...uselessProblems(workspace.machines, session)]
  const inWaves = waves.length > 0 ? workspace.machines : []
  const rest = { inGit, sources, waves, inWaves, warnings }
  if (selection.destroy) {
    const destroyed = select(recorded, { only: selection.destroy, exclude: [] })
    return { ...rest, seen: [], selected: destroyed, destroyed }
  }
  const selected = select([...new Set([...inGit, ...recorded])], selection)
  for (const name of selected) if (selection.within?.has(name) === false) selected.delete(name)
  if (selection.wave !== undefined) keepWave(selected, selection.wave, workspace.machines, waves)
  const wanted = workspace.machines.filter(({ name }) => selected.has(name))
  const sight = {
    config: session.config,
    files: session.files,
    source: session.context.source,
    now: session.clock.now(),
  }
  const others = workspace.machines.filter(({ name }) => !selected.has(name))
  const seen = await seeMachines(wanted, others, sight, signal)
  const laid = seen.map(({ desired }) => desired)
  const denied = await policyProblems(laid, session.config, session.files, session.schemas)
  if (denied.length > 0) throw new ProblemError([...workspace.problems, ...denied])
  await session.cache.save()
  return { ...rest, seen, selected, destroyed: new Set() }
}

function keepWave(selected: Set<string>, wave: string, machines: readonly Desired[], waves: readonly WaveRule[]): void {
  if (!waves.some(({ name }) => name === wave)) {
    const { code, summary, hint } = unknownWave(wave, waves, [])
    throw problem(code, summary, hint === undefined ? {} : { hint })
  }
  const own = new Set(machines.filter((machine) => machine.wave?.name === wave).map(({ name }) => name))
  for (const name of selected) if (!own.has(name)) selected.delete(name)
}

/** Makes the plan of what was surveyed; the workspace's policy is not asked. */
export async function planSurvey(
  { warnings, ...found }: Survey,
  options: PlanOptions,
  session: Session,
  state: StateStore,
  signal: AbortSignal,
): Promise<WorkspacePlan> {
  const { redo, refresh, cutsOver } = options
  const request = { ...found, redo, refresh, ...(cutsOver ? { cutsOver } : {}) }
  const plan = await makePlan(request, session.context, state, signal)
  const subjects = new Map(found.seen.flatMap(({ desired, subject }) => (subject ? [[desired.name, subject]] : [])))
  return { plan, subjects, problems: [...warnings, ...plan.machines.flatMap(({ problems }) => problems)] }
}

/** Where git says fields of these machines. */
export function fieldPlaces(subjects: WorkspacePlan['subjects']): FieldPlace {
  return (name, field) => {
    const subject = subjects.get(name)
    return subject?.said(keysOfField(field, subject.machine))
  }
}

/**
 * Folders with all that an apply leaves of one of these machines: a missing state would have known of it. A part of it may
 * be anybody's.
 */
export function leftovers(
  seen: readonly Seen[],
  { files, target }: Pick<Context, 'files' | 'target'>,
): readonly string[] {
  return seen.flatMap(({ subject }) => {
    if (!subject) return []
    const { machine } = subject
    const disks = machine.disks.flatMap(({ to, place }) => {
      return place.kind === 'pool' ? [] : [place.kind === 'file' ? place.path : to.path]
    })
    const whole = [...disks, ...target.paths(machine.target)]
    return whole.length > 0 && whole.every(files.exists) ? [machine.target.directory] : []
  })
}
