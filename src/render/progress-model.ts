import { addressOf } from '../core/address.ts'
import type { RunEvent } from '../core/events.ts'
import type { StageName } from '../core/stage-names.ts'

type StageFailed = Extract<RunEvent, { type: 'stage_failed' }>

/** A stage that runs now. */
export interface ActiveStage {
  /** Of the machine, safe to print. */
  readonly address: string
  readonly stage: StageName
  /** Seconds since the run began. */
  readonly startedAt: number
  /** Worked through so far. */
  readonly bytes: number
  /** To work through; 0 for a stage that moves none. */
  readonly total: number
  /** Bytes a second. */
  readonly rate: number
  /** Seconds. */
  readonly eta?: number
}

/** A run at one moment. */
export interface Progress {
  /** The wave that goes, where there are waves. */
  readonly wave?: string
  readonly machines: {
    readonly total: number
    readonly done: number
    readonly failed: number
    readonly interrupted: number
    readonly running: number
    readonly left: number
  }
  readonly bytes: { readonly done: number; readonly total: number }
  /** Bytes a second over the last half minute; absent until there is a second to tell from. */
  readonly rate?: number
  /** Seconds until every byte is worked through, at that rate. */
  readonly eta?: number
  /** Seconds since the run began. */
  readonly elapsed: number
  /** Those that began first come first. */
  readonly active: readonly ActiveStage[]
  /** The newest, in the order in which they happened. */
  readonly failures: readonly StageFailed[]
  /** How many came before those. */
  readonly earlierFailures: number
  /** How the run ended, once it did. */
  readonly summary?: Extract<RunEvent, { type: 'summary' }>
}

/** What a run's events amount to. Each event costs the same however many machines there are. */
export interface ProgressModel {
  take(event: RunEvent, atSeconds: number): void
  view(atSeconds: number): Progress
}

type Standing = 'running' | 'done' | 'failed' | 'interrupted'
type Row = { -readonly [Key in keyof ActiveStage]: ActiveStage[Key] }

const keptFailures = 5
const windowSeconds = 30
/** With them a machine is usable; what comes after makes it run again. */
const lastStages: readonly StageName[] = ['publish', 'boot_test']

/** Follows a run. It changes in place: copying a thousand machines' standing for each event would be quadratic. */
export function createProgressModel(): ProgressModel {
  const standings = new Map<string, Standing>()
  const counts: Record<Standing, number> = { running: 0, done: 0, failed: 0, interrupted: 0 }
  const rows = new Map<string, Row>()
  // `moved` only grows, so that a failure, which takes bytes away from `done`, leaves the rate alone.
  const bytes = { planned: 0, announced: 0, done: 0, moved: 0 }
  const samples: { readonly at: number; readonly moved: number }[] = []
  let total = 0
  let begun = Number.NaN
  let failures: readonly StageFailed[] = []
  let failed = 0
  let summary: Progress['summary']
  let wave: string | undefined

  const stand = (machine: string, standing: Standing) => {
    const before = standings.get(machine)
    if (before) counts[before]--
    counts[standing]++
    standings.set(machine, standing)
  }
  const pass = (machine: string, stage: StageName) => {
    const before = standings.get(machine)
    if (before !== 'failed' && before !== 'interrupted') stand(machine, lastStages.includes(stage) ? 'done' : 'running')
  }
  const advance = (row: Row, to: number) => {
    bytes.done += to - row.bytes
    bytes.moved += Math.max(0, to - row.bytes)
    row.bytes = to
  }
  const open = (machine: string, stage: StageName, size: number, at: number): Row => {
    const row = { address: addressOf(machine), stage, startedAt: at - begun, bytes: 0, total: size, rate: 0 }
    rows.set(keyOf(machine, stage), row)
    bytes.announced += size
    return row
  }

  const take = (event: RunEvent, at: number) => {
    if (Number.isNaN(begun)) begun = at
    switch (event.type) {
      case 'run_start':
        total = event.machines
        bytes.planned = event.bytes
        break
      case 'stage_start':
        stand(event.machine, 'running')
        open(event.machine, event.stage, event.bytes, at)
        break
      case 'stage_progress': {
        const key = keyOf(event.machine, event.stage)
        const row = rows.get(key) ?? open(event.machine, event.stage, event.total, at)
        advance(row, event.bytes)
        row.rate = event.rate
        if (event.eta === undefined) delete row.eta
        else row.eta = event.eta
        break
      }
      case 'stage_done': {
        const key = keyOf(event.machine, event.stage)
        advance(rows.get(key) ?? open(event.machine, event.stage, event.bytes, at), event.bytes)
        rows.delete(key)
        pass(event.machine, event.stage)
        break
      }
      case 'stage_skipped':
        pass(event.machine, event.stage)
        break
      case 'stage_failed': {
        const key = keyOf(event.machine, event.stage)
        const row = rows.get(key)
        if (row) {
          bytes.done -= row.bytes
          bytes.announced -= row.total
          rows.delete(key)
        }
        stand(event.machine, event.interrupted ? 'interrupted' : 'failed')
        if (!event.interrupted) {
          failed++
          failures = [...failures, event].slice(-keptFailures)
        }
        break
      }
      case 'summary':
        summary = event
        break
      case 'wave':
        if (event.status === 'begun') wave = event.wave
        break
      case 'deed_start':
      case 'deed_done':
      case 'deed_failed':
      case 'machine_forgotten':
      case 'artifact_removed':
      case 'machine_destroyed':
      case 'log':
      case 'diagnostic':
      case 'lock':
      case 'planned_change':
      case 'drift':
      case 'policy':
      case 'hook_done':
        break
    }
    const last = samples.at(-1)
    if (!last || at - last.at >= 1) {
      samples.push({ at, moved: bytes.moved })
      if (samples.length > windowSeconds + 2) samples.shift()
    }
  }

  const rateAt = (at: number): number | undefined => {
    const from = samples.findLast((sample) => at - sample.at >= windowSeconds) ?? samples[0]
    return from && at - from.at >= 1 ? (bytes.moved - from.moved) / (at - from.at) : undefined
  }

  return {
    take,
    view(at) {
      const { running, done, interrupted } = counts
      // The plan only estimates; what the stages announced themselves may be more.
      const size = Math.max(bytes.planned, bytes.announced)
      const rate = rateAt(at)
      return {
        machines: {
          total,
          done,
          failed: counts.failed,
          interrupted,
          running,
          left: Math.max(0, total - running - done - counts.failed - interrupted),
        },
        bytes: { done: bytes.done, total: size },
        ...(rate === undefined ? {} : { rate }),
        ...(rate !== undefined && rate > 0 && size > bytes.done ? { eta: (size - bytes.done) / rate } : {}),
        elapsed: Number.isNaN(begun) ? 0 : at - begun,
        active: [...rows.values()],
        failures,
        earlierFailures: failed - failures.length,
        ...(wave === undefined ? {} : { wave }),
        ...(summary ? { summary } : {}),
      }
    },
  }
}

function keyOf(machine: string, stage: StageName): string {
  return `${machine}/${stage}`
}
