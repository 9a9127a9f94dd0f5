import type { Decision } from './decision.ts'
import { fingerprint } from './fingerprint.ts'
import type { Problem } from './problem.ts'
import type { OnRemove } from './record.ts'
import type { Removal } from './removal.ts'
import { type StageName, stageNames } from './stage-names.ts'

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
  readonly sources: readonly { readonly path: string; readonly bytes: number; readonly modified: string }[]
  /** The state's serial at this machine's last change; 0 for one that it does not know. */
  readonly serial: number
  readonly readBytes: number
  readonly writeBytes: number
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
  /** Keys that git sets and this version does not carry out. */
  readonly notApplied: readonly string[]
  /** With `destroy`, in the order in which it goes. */
  readonly removals?: readonly Removal[]
  /** What the state learns of what becomes of the machine once it leaves git. */
  readonly onRemove?: { readonly from: OnRemove; readonly to: OnRemove }
}

/** A file system that the plan writes to. */
export interface SpaceBudget {
  readonly path: string
  readonly neededBytes: number
  readonly freeBytes: number
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
  readonly machines: readonly PlannedMachine[]
  readonly space: readonly SpaceBudget[]
  readonly duration?: Duration
}

/** What the stages that run amount to, for one machine; `known` when any stage of it was ever done. */
export function actionOf(stages: readonly PlannedStage[], known: boolean, blocked: boolean): Action {
  if (blocked) return 'blocked'
  const reasons = new Map(stages.flatMap(({ stage, decision }) => (decision.run ? [[stage, decision.why]] : [])))
  if (reasons.size === 0) return 'noop'
  if ([...reasons.values()].includes('resume')) return 'resume'
  if (!known) return 'create'
  // Stopped between two stages: nothing failed, but it was never finished.
  if (reasons.get(lastStage) === 'first') return 'resume'
  return reasons.has('convert') ? 'replace' : 'update'
}

const lastStage: StageName = stageNames[stageNames.length - 1] ?? 'publish'

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

/** How many machines have each action. */
export function countActions(plan: Plan): Readonly<Record<Action, number>> {
  const counts = { create: 0, update: 0, replace: 0, resume: 0, forget: 0, destroy: 0, noop: 0, blocked: 0 }
  for (const machine of plan.machines) counts[machine.action]++
  return counts
}

/** Whether applying the plan would do anything. */
export function hasChanges(plan: Plan): boolean {
  return plan.machines.some(({ action }) => action !== 'noop' && action !== 'blocked')
}

/** The plan's identity: its content's, so the same plan made twice is the same. */
export function planId(plan: Plan): string {
  return fingerprint(plan)
}
