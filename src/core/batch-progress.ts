import type { RunEvent } from './events.ts'
import { type BatchProgressFile, reportFormat, type VmProgress } from './language/reports.ts'
import type { StageName } from './stage-names.ts'

/** A machine of a batch as a run finds it. */
export interface Member {
  readonly vmId: string
  readonly machine: string
  /** With which it is through. */
  readonly lastStage?: StageName
  /** Why nothing is done with it in this run. */
  readonly skipped?: string
  /** Why it cannot be worked on. */
  readonly failed?: string
}

/** How the machines of a run ended that its events do not tell. */
export interface Ending {
  readonly done: ReadonlySet<string>
  readonly failed: ReadonlyMap<string, string>
  readonly interrupted: ReadonlySet<string>
  readonly held: ReadonlyMap<string, string>
}

/** Follows the machines of one batch through a run. It changes in place. Times are seconds since 1970. */
export interface BatchProgress {
  /** Whether the event was about one of them and says something new. */
  take(event: RunEvent, at: number): boolean
  end(ending: Ending, at: number): void
  view(at: number): BatchProgressFile
}

export function createBatchProgress(
  batch: { readonly id: string; readonly runId: string; readonly parallelLimit: number },
  members: readonly Member[],
  startedAt: number,
): BatchProgress {
  const rows = new Map(members.map((member) => [member.machine, rowOf(member)]))
  const lastStages = new Map(members.map(({ machine, lastStage }) => [machine, lastStage]))
  let completedAt: number | null = null

  const begin = (row: Row, at: number) => {
    if (row.status === 'IN_PROGRESS') return
    row.status = 'IN_PROGRESS'
    row.started_at ??= at
  }
  const finish = (row: Row, status: Row['status'], error: string | null, at: number) => {
    row.status = status
    row.error = error
    row.current_stage = null
    if (status === 'PENDING' || row.started_at === null) return
    row.completed_at = at
    row.duration = rounded(at - row.started_at)
  }

  return {
    take(event, at) {
      const row = 'machine' in event && 'stage' in event ? rows.get(event.machine) : undefined
      if (!row) return false
      switch (event.type) {
        case 'stage_start':
          begin(row, at)
          row.current_stage = event.stage
          return true
        case 'stage_done':
        case 'stage_skipped':
          begin(row, at)
          row.current_stage = null
          if (!row.stages_completed.includes(event.stage)) row.stages_completed.push(event.stage)
          if (event.stage === lastStages.get(event.machine)) finish(row, 'COMPLETED', null, at)
          return true
        case 'stage_failed': {
          const why = event.problems.map(({ code, summary }) => `${code}: ${summary}`).join('; ')
          finish(row, event.interrupted ? 'PENDING' : 'FAILED', why, at)
          return true
        }
        case 'stage_progress':
          // Nothing but the time, for those who watch whether it is alive.
          return true
        default:
          return false
      }
    },
    end({ done, failed, interrupted, held }, at) {
      completedAt = at
      for (const [machine, row] of rows) {
        const failure = failed.get(machine)
        const why = held.get(machine)
        if (failure !== undefined && row.status !== 'FAILED') finish(row, 'FAILED', failure, at)
        if (done.has(machine) && row.status !== 'COMPLETED') finish(row, 'COMPLETED', null, at)
        if (interrupted.has(machine)) finish(row, 'PENDING', row.error ?? 'not begun: the run was stopped before', at)
        if (why !== undefined) finish(row, 'SKIPPED', why, at)
      }
    },
    view(at) {
      const vms = [...rows.values()]
      const of = (status: Row['status']) => vms.filter((row) => row.status === status).length
      const counts = {
        pending: of('PENDING'),
        in_progress: of('IN_PROGRESS'),
        completed: of('COMPLETED'),
        failed: of('FAILED'),
        skipped: of('SKIPPED'),
      }
      const ended = counts.completed + counts.failed + counts.skipped
      return {
        h2k_report: reportFormat,
        batch_id: batch.id,
        run_id: batch.runId,
        total_vms: vms.length,
        started_at: startedAt,
        updated_at: at,
        completed_at: completedAt,
        counts,
        completion_percentage: vms.length === 0 ? 100 : Math.round((ended / vms.length) * 1000) / 10,
        estimated_time_remaining: completedAt === null ? remaining(vms, batch.parallelLimit, at) : 0,
        vms: Object.fromEntries(vms.map((row) => [row.vm_id, { ...row, stages_completed: [...row.stages_completed] }])),
      }
    },
  }
}

type Row = { -readonly [Key in keyof VmProgress]: VmProgress[Key] }

function rowOf({ vmId, machine, skipped, failed }: Member): Row {
  return {
    vm_id: vmId,
    machine,
    status: failed !== undefined ? 'FAILED' : skipped !== undefined ? 'SKIPPED' : 'PENDING',
    started_at: null,
    completed_at: null,
    duration: 0,
    error: failed ?? skipped ?? null,
    current_stage: null,
    stages_completed: [],
  }
}

// Each of the rest takes as long as those that are done did; as many as may be at the same time.
function remaining(vms: readonly Row[], limit: number, at: number): number | null {
  const done = vms.filter(({ status }) => status === 'COMPLETED')
  if (done.length === 0) return null
  const average = done.reduce((sum, { duration }) => sum + duration, 0) / done.length
  const left = vms
    .filter(({ status }) => status === 'PENDING' || status === 'IN_PROGRESS')
    .map(({ started_at: started, status }) =>
      Math.max(0, average - (status === 'IN_PROGRESS' ? at - (started ?? at) : 0)),
    )
  const atOnce = Math.max(1, Math.min(limit, left.length))
  return rounded(left.reduce((sum, each) => sum + each, 0) / atOnce)
}

function rounded(seconds: number): number {
  return Math.round(Math.max(0, seconds) * 100) / 100
}
