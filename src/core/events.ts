import type { DriftStatus, Health } from './drift.ts'
import type { HookPoint } from './hook.ts'
import type { Json } from './json.ts'
import type { Action } from './plan.ts'
import type { Problem } from './problem.ts'
import type { DeedName, RecordedName, StageName } from './stage-names.ts'

/** What happens while a plan is made and applied; the terminal and `--json` both show these. */
export type RunEvent =
  | {
      readonly type: 'planned_change'
      readonly machine: string
      readonly action: Action
      readonly stages: readonly StageName[]
      readonly read_bytes: number
      readonly write_bytes: number
    }
  | {
      readonly type: 'policy'
      readonly rule: string
      readonly action: 'warn' | 'deny'
      readonly machine?: string
      readonly evidence: string
      readonly waived: boolean
    }
  | {
      readonly type: 'drift'
      readonly machine: string
      readonly status: DriftStatus
      readonly health: Health
      /** What is not as it was, or could not be looked at. */
      readonly findings: readonly {
        readonly kind: string
        readonly subject: string
        readonly status: DriftStatus
        readonly detail: string
      }[]
    }
  | { readonly type: 'run_start'; readonly machines: number; readonly stages: number; readonly bytes: number }
  | {
      readonly type: 'stage_start'
      readonly machine: string
      readonly stage: StageName
      readonly attempt: number
      readonly bytes: number
      readonly why: string
    }
  | {
      readonly type: 'stage_progress'
      readonly machine: string
      readonly stage: StageName
      readonly attempt: number
      readonly bytes: number
      readonly total: number
      readonly rate: number
      readonly eta?: number
    }
  | {
      readonly type: 'stage_done'
      readonly machine: string
      readonly stage: StageName
      readonly attempt: number
      readonly seconds: number
      readonly bytes: number
      readonly evidence: Json
    }
  | { readonly type: 'stage_skipped'; readonly machine: string; readonly stage: StageName; readonly why: string }
  | {
      readonly type: 'stage_failed'
      readonly machine: string
      readonly stage: StageName
      readonly attempt: number
      readonly seconds: number
      readonly interrupted: boolean
      readonly retryable: boolean
      readonly problems: readonly Problem[]
    }
  | { readonly type: 'deed_start'; readonly machine: string; readonly deed: DeedName; readonly attempt: number }
  | {
      readonly type: 'deed_done'
      readonly machine: string
      readonly deed: DeedName
      readonly attempt: number
      readonly seconds: number
      readonly evidence: Json
    }
  | {
      readonly type: 'deed_failed'
      readonly machine: string
      readonly deed: DeedName
      readonly attempt: number
      readonly seconds: number
      readonly interrupted: boolean
      readonly problems: readonly Problem[]
    }
  | {
      readonly type: 'hook_done'
      readonly machine: string
      readonly stage: RecordedName
      readonly point: HookPoint
      readonly hook: string
      readonly outcome: 'succeeded' | 'skipped' | 'failed'
      readonly attempts: number
      readonly seconds: number
    }
  | {
      readonly type: 'wave'
      readonly wave: string
      readonly status: 'begun' | 'done' | 'failed' | 'waits'
      readonly machines: number
      /** Why it waits. */
      readonly why?: string
    }
  | { readonly type: 'machine_forgotten'; readonly machine: string }
  | { readonly type: 'artifact_removed'; readonly machine: string; readonly path: string }
  | { readonly type: 'machine_destroyed'; readonly machine: string; readonly removed: number }
  | { readonly type: 'diagnostic'; readonly problem: Problem }
  | { readonly type: 'log'; readonly machine: string; readonly stage: StageName; readonly text: string }
  | { readonly type: 'lock'; readonly status: 'taken' | 'released'; readonly token: number; readonly machines: number }
  | {
      readonly type: 'summary'
      readonly done: number
      readonly failed: number
      readonly unchanged: number
      readonly forgotten: number
      readonly destroyed: number
      readonly held: number
      readonly interrupted: number
      readonly seconds: number
      readonly bytes: number
    }

/** Takes each event as it happens. */
export type Emit = (event: RunEvent) => void
