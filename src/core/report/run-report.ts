import type { ReportedMachine, RunReport } from '../language/run-report.ts'
import type { Evidence, Foreseen, HistoryEntry, MachineRecord, RunRecord, Settled } from '../record.ts'
import { deedNames, stageNames } from '../stage-names.ts'
import { attemptsByMachine } from './attempts.ts'
import { countsOf } from './counts.ts'
import { reportedMachine } from './reported-machine.ts'
import { spanOf, thousandths } from './span.ts'
import { reportedWaves } from './waves.ts'

/** What is known of a run. */
export interface RunFacts {
  readonly workspace: string
  /** The workspace’s folder, absolute. */
  readonly root: string
  readonly run: RunRecord
  /** Whether somebody still holds its locks and gives signs of life. */
  readonly alive: boolean
  /** ISO 8601. */
  readonly now: string
  readonly foreseen: Foreseen | undefined
  readonly settled: readonly Settled[]
  /** Of the run; in any order. */
  readonly history: readonly HistoryEntry[]
  /** As the state knows them now, those that were forgotten too. */
  readonly records: ReadonlyMap<string, MachineRecord>
  /** What had been done with a machine by the end of the run; undefined where nobody kept that. */
  evidence(machine: string): readonly Evidence[] | undefined
  /** The end of a machine's log of the run. */
  log(machine: string): string
}

/** Puts together what a run was to do, what it did, and the evidence for it. */
export function runReport(facts: RunFacts): RunReport {
  const { run, foreseen, history, records } = facts
  const attempts = attemptsByMachine(run.id, history, records)
  const planned = new Map((foreseen?.machines ?? []).map((machine) => [machine.name, machine]))
  const gone = new Map(history.filter(({ event }) => event === 'forgotten').map((entry) => [entry.machine, entry]))
  const settled = new Map(facts.settled.map((one) => [one.name, one]))
  const names = new Set([...planned.keys(), ...attempts.keys(), ...gone.keys(), ...settled.keys()])
  const machines = [...names].map((name) =>
    reportedMachine(name, {
      facts,
      attempts: attempts.get(name) ?? [],
      planned: planned.get(name),
      gone: gone.get(name),
      settled: settled.get(name),
      record: records.get(name),
    }),
  )
  const end = run.finishedAt ?? facts.now
  return {
    h2k_report: '1.0',
    report_type: 'run',
    workspace: facts.workspace,
    run: {
      id: run.id,
      command: run.command,
      who: run.who,
      commit: run.commit ?? null,
      plan_id: run.planId ?? null,
      h2k_version: run.version,
      started_at: run.startedAt,
      finished_at: run.finishedAt ?? null,
      exit_code: run.exitCode ?? null,
      outcome: outcomeOf(facts),
    },
    counts: { ...countsOf(machines), unchanged: foreseen?.unchanged ?? 0 },
    predicted: foreseen
      ? {
          read_bytes: Math.round(foreseen.readBytes),
          write_bytes: Math.round(foreseen.writeBytes),
          seconds: foreseen.seconds === undefined ? null : thousandths(foreseen.seconds),
          basis: foreseen.basis ?? null,
        }
      : null,
    actual: {
      worked_bytes: machines.reduce((sum, { worked_bytes: bytes }) => sum + bytes, 0),
      written_bytes: machines.reduce((sum, { written_bytes: bytes }) => sum + bytes, 0),
      seconds: spanOf(run.startedAt, end),
    },
    statistics: statisticsOf(machines),
    waves: reportedWaves(foreseen, machines),
    parts: partsOf(machines),
    machines,
  }
}

function outcomeOf({ run, alive }: RunFacts): RunReport['run']['outcome'] {
  if (run.finishedAt === undefined) return alive ? 'running' : 'lost'
  switch (run.exitCode) {
    case undefined:
      return 'lost'
    case 0:
      return 'succeeded'
    case 3:
      return 'partial'
    case 7:
      return 'waiting'
    case 130:
    case 143:
      return 'interrupted'
    default:
      return 'failed'
  }
}

function statisticsOf(machines: readonly ReportedMachine[]): RunReport['statistics'] {
  const done = machines
    .filter(({ outcome, attempts }) => outcome === 'done' && attempts.length > 0)
    .toSorted((a, b) => a.seconds - b.seconds)
  const timed = (one: ReportedMachine | undefined) => (one ? { machine: one.machine, seconds: one.seconds } : null)
  const total = done.reduce((sum, { seconds }) => sum + seconds, 0)
  return {
    average_seconds: done.length === 0 ? null : thousandths(total / done.length),
    fastest: timed(done[0]),
    slowest: timed(done.at(-1)),
  }
}

function partsOf(machines: readonly ReportedMachine[]): RunReport['parts'] {
  const all = Map.groupBy(
    machines.flatMap(({ attempts }) => attempts),
    ({ part }) => part,
  )
  return [...stageNames, ...deedNames].flatMap((part) => {
    const attempts = all.get(part)
    if (!attempts) return []
    const seconds = attempts.reduce((sum, attempt) => sum + attempt.seconds, 0)
    const bytes = attempts.reduce((sum, attempt) => sum + attempt.bytes, 0)
    return {
      part,
      attempts: attempts.length,
      failed: attempts.filter(({ status }) => status === 'failed').length,
      seconds: thousandths(seconds),
      bytes,
      bytes_per_second: bytes > 0 && seconds > 0 ? Math.round(bytes / seconds) : null,
    }
  })
}
