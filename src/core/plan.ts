import type { ApprovalStanding } from './approval.ts'
import type { Decision } from './decision.ts'
import type { Downtime } from './downtime.ts'
import { fingerprint } from './fingerprint.ts'
import type { Held } from './held.ts'
import type { Json } from './json.ts'
import type { PolicyFinding } from './policy/policy.ts'
import type { Problem } from './problem.ts'
import type { OnRemove } from './record.ts'
import type { Removal } from './removal.ts'
import type { StageName } from './stage-names.ts'
import type { PauseAfter } from './waves.ts'

/** What happens to a machine, in Terraform's words where it has them. */
export type Action = 'create' | 'update' | 'replace' | 'resume' | 'forget' | 'destroy' | 'noop' | 'blocked'

export interface PlannedStage {
  readonly stage: StageName
  readonly decision: Decision
  /** What it will do, for a reader. */
  readonly does: string
}

export interface PlannedMachine {
  readonly name: string
  /** The manifest, relative to the workspace. */
  readonly file: string
  readonly action: Action
  /** Those that run; what is skipped is not listed. */
  readonly stages: readonly PlannedStage[]
  /** Fingerprint of the machine that git wants, and of its source's files. */
  readonly desired: string
  /** That machine, to tell its fields apart later; of what may be secret only fingerprints. Absent where nothing runs. */
  readonly wanted?: Json
  readonly sources: readonly { readonly path: string; readonly bytes: number; readonly modified: string }[]
  /** The state's serial at this machine's last change; 0 for one that it does not know. */
  readonly serial: number
  readonly readBytes: number
  readonly writeBytes: number
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
  /** Keys that git sets and this version does not carry out. */
  readonly notApplied: readonly string[]
  /** How its run goes, where git says that: `verbose 2`, `report report.json`. */
  readonly options?: readonly string[]
  /** The wave that it goes with, where there are waves. */
  readonly wave?: string
  /** When it was cut over. ISO 8601. */
  readonly cutOverAt?: string
  /** Where git asks for one before the cutover, and that was not yet. */
  readonly approval?: ApprovalStanding
  /** Of the cutover that is to come, where there is a basis for it. */
  readonly downtime?: Downtime
  /** Why apply leaves it alone for now. */
  readonly held?: Held
  /** With `destroy`, in the order in which it goes. */
  readonly removals?: readonly Removal[]
  /** What the state learns of what becomes of the machine once it leaves git. */
  readonly onRemove?: { readonly from: OnRemove; readonly to: OnRemove }
}

/** A wave with machines of the plan, in the order in which they go. */
export interface PlannedWave {
  readonly name: string
  readonly pauseAfter: PauseAfter
  readonly machines: number
  /** For a reader. */
  readonly window?: string
}

/** A file system, or a pool of a target, that the plan writes to. */
export interface SpaceBudget {
  readonly path: string
  readonly neededBytes: number
  readonly freeBytes: number
  /** The part of what is needed that is given back when machines are through. */
  readonly overlayBytes?: number
}

/** How long it will take and how that is known. */
export interface Duration {
  readonly seconds: number
  readonly basis: string
}

export interface Plan {
  readonly format_version: 1
  readonly workspace: string
  /** Absent before the first apply. */
  readonly lineage?: string
  readonly serial: number
  /** Addresses that run again although nothing changed. */
  readonly redo: readonly string[]
  /** Whether it was looked if what was recorded is still there. */
  readonly refresh: boolean
  readonly tools: Readonly<Record<string, string>>
  /** Absent where the workspace has none. */
  readonly waves?: readonly PlannedWave[]
  /** Wave by wave, and by name. */
  readonly machines: readonly PlannedMachine[]
  readonly space: readonly SpaceBudget[]
  readonly duration?: Duration
  /** What breaks a rule of the workspace's policy, waived or not; absent where nothing does. */
  readonly policy?: readonly PolicyFinding[]
}

/** What the stages that run amount to, for one machine; `known` when any stage of it was ever done. */
export function actionOf(stages: readonly PlannedStage[], known: boolean, blocked: boolean): Action {
  if (blocked) return 'blocked'
  const reasons = new Map(stages.flatMap(({ stage, decision }) => (decision.run ? [[stage, decision.why]] : [])))
  if (reasons.size === 0) return 'noop'
  if ([...reasons.values()].includes('resume')) return 'resume'
  if (!known) return 'create'
  // Stopped between two stages: nothing failed, but it was never finished.
  if (reasons.get('publish') === 'first') return 'resume'
  return reasons.has('convert') ? 'replace' : 'update'
}

/** A machine with which nothing is done: what every plan of one begins with. */
export function idle({ name, file, serial }: Pick<PlannedMachine, 'name' | 'file' | 'serial'>): PlannedMachine {
  return {
    name,
    file,
    serial,
    action: 'noop',
    stages: [],
    sources: [],
    desired: '',
    readBytes: 0,
    writeBytes: 0,
    problems: [],
    notes: [],
    notApplied: [],
  }
}

/** How many machines have each action; those that are held back are counted apart. */
export function countActions(plan: Plan): Readonly<Record<Action | 'held' | 'suspended', number>> {
  const counts = {
    ...{ create: 0, update: 0, replace: 0, resume: 0, forget: 0, destroy: 0, noop: 0, blocked: 0 },
    ...{ held: 0, suspended: 0 },
  }
  for (const { held, action } of plan.machines) counts[countedAs(action, held)]++
  return counts
}

function countedAs(action: Action, held: Held | undefined): Action | 'held' | 'suspended' {
  if (held) return held.by === 'suspended' ? 'suspended' : 'held'
  return action
}

/** What machines ask for that this version does not carry out, and of how many of them. */
export function countNotApplied(
  machines: readonly PlannedMachine[],
): readonly { readonly what: string; readonly machines: number }[] {
  const counts = new Map<string, number>()
  for (const what of machines.flatMap(({ notApplied }) => notApplied)) counts.set(what, (counts.get(what) ?? 0) + 1)
  return [...counts].map(([what, count]) => ({ what, machines: count }))
}

/** Whether there is something to do with a machine. */
function works({ action }: PlannedMachine): boolean {
  return action !== 'noop' && action !== 'blocked'
}

/** Whether applying the plan now does something with a machine. */
export function acts(machine: PlannedMachine): boolean {
  return works(machine) && machine.held === undefined
}

/** Whether something is left to do with a machine that apply would do at another time. */
export function waits(machine: PlannedMachine): boolean {
  return works(machine) && machine.held !== undefined && machine.held.by !== 'dry_run'
}

/** Whether applying the plan would do anything. */
export function hasChanges(plan: Plan): boolean {
  return plan.machines.some(acts)
}

/** Whether the plan and what is there differ in something that apply does, now or later. */
export function isPending(plan: Plan): boolean {
  return plan.machines.some((machine) => acts(machine) || waits(machine))
}

/** The plan's identity: its content's, so the same plan made twice is the same. */
export function planId(plan: Plan): string {
  return fingerprint(plan)
}
