import type { RunEvent } from '../core/events.ts'
import { type StageName, stageNames } from '../core/stage-names.ts'
import { type MetricFamily, openMetrics } from './open-metrics.ts'
import { createProgressModel } from './progress-model.ts'

const shownFailures = 100

/** What is known of a run besides its events. */
export interface RunFacts {
  readonly workspace: string
  readonly version: string
  /** Seconds since 1970. */
  readonly begun: number
  /** Seconds since 1970, and the exit code, once it has ended. */
  readonly ended?: { readonly at: number; readonly exitCode: number }
  /** Machines that are as git says, and those that wait. */
  readonly unchanged: number
  readonly waiting: number
}

interface StageSums {
  done: number
  failed: number
  seconds: number
  bytes: number
}

/** Follows a run for a file of metrics. */
export function createRunMetrics() {
  const progress = createProgressModel()
  const stages = new Map<StageName, StageSums>()
  const waves = new Map<string, string>()
  const failures: { readonly machine: string; readonly stage: string }[] = []
  const sums = (stage: StageName): StageSums => {
    const known = stages.get(stage) ?? { done: 0, failed: 0, seconds: 0, bytes: 0 }
    stages.set(stage, known)
    return known
  }
  return {
    take(event: RunEvent, atSeconds: number): void {
      progress.take(event, atSeconds)
      if (event.type === 'wave') waves.set(event.wave, event.status)
      if (event.type === 'stage_done') {
        const of = sums(event.stage)
        of.done++
        of.seconds += event.seconds
        of.bytes += event.bytes
      }
      if (event.type === 'stage_failed' && !event.interrupted) {
        sums(event.stage).failed++
        if (failures.length < shownFailures) failures.push({ machine: event.machine, stage: event.stage })
      }
    },
    text(facts: RunFacts, atSeconds: number): string {
      const { machines, bytes, rate } = progress.view(atSeconds)
      const { workspace, version, begun, ended, unchanged, waiting } = facts
      const one = (value: number, labels: object = {}) => ({ labels: { workspace, ...labels }, value })
      const byStage = (value: (of: StageSums) => number) =>
        stageNames.flatMap((stage) => {
          const of = stages.get(stage)
          return of ? [one(value(of), { stage })] : []
        })
      const { done, failed, interrupted, running, left } = machines
      const standings = { done, failed, interrupted, running, left, unchanged, waiting }
      const families: readonly MetricFamily[] = [
        { name: 'h2k_run_info', help: 'The latest apply.', samples: [one(1, { version })] },
        gauge('h2k_run_started_timestamp_seconds', 'When it began.', [one(begun)]),
        gauge(
          'h2k_run_finished_timestamp_seconds',
          'When it ended; absent while it runs.',
          ended ? [one(ended.at)] : [],
        ),
        {
          name: 'h2k_run_exit_code',
          help: 'How it ended; absent while it runs.',
          samples: ended ? [one(ended.exitCode)] : [],
        },
        {
          name: 'h2k_run_machines',
          help: 'Machines by how they stand.',
          samples: Object.entries(standings).map(([status, count]) => one(count, { status })),
        },
        gauge('h2k_run_worked_bytes', 'Bytes worked through.', [one(bytes.done)]),
        gauge('h2k_run_planned_bytes', 'Bytes to work through.', [one(bytes.total)]),
        {
          name: 'h2k_run_rate_bytes_per_second',
          help: 'Over the last half minute.',
          samples: rate === undefined || ended ? [] : [one(Math.round(rate))],
        },
        { name: 'h2k_stage_done', help: 'Attempts that ended well.', samples: byStage((of) => of.done) },
        { name: 'h2k_stage_failed', help: 'Attempts that failed.', samples: byStage((of) => of.failed) },
        gauge(
          'h2k_stage_worked_seconds',
          'Of attempts that ended well, together.',
          byStage((of) => of.seconds),
        ),
        gauge(
          'h2k_stage_worked_bytes',
          'Of attempts that ended well, together.',
          byStage((of) => of.bytes),
        ),
        {
          name: 'h2k_wave',
          help: 'How each wave stands.',
          samples: [...waves].map(([wave, status]) => one(1, { wave, status })),
        },
        {
          name: 'h2k_machine_failed',
          help: `Machines that failed, the first ${shownFailures}.`,
          samples: failures.map((failure) => one(1, failure)),
        },
      ]
      return openMetrics(families)
    },
  }
}

function gauge(name: string, help: string, samples: MetricFamily['samples']): MetricFamily {
  const unit = name.endsWith('_bytes') ? 'bytes' : 'seconds'
  return { name, help, unit, samples }
}
