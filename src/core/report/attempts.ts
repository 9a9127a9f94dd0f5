import type { ReportedAttempt } from '../language/run-report.ts'
import type { HistoryEntry, MachineRecord } from '../record.ts'
import { thousandths } from './span.ts'

/** What was tried in a run with each machine, in the order in which it began. */
export function attemptsByMachine(
  runId: string,
  history: readonly HistoryEntry[],
  records: ReadonlyMap<string, MachineRecord>,
): ReadonlyMap<string, readonly ReportedAttempt[]> {
  const all = new Map<string, ReportedAttempt[]>()
  const add = (machine: string, attempt: ReportedAttempt) => {
    const siblings = all.get(machine)
    if (siblings) siblings.push(attempt)
    else all.set(machine, [attempt])
  }
  for (const entry of history) {
    const attempt = endedAttempt(entry)
    if (attempt) add(entry.machine, attempt)
  }
  for (const { name, stages, deeds } of records.values()) {
    for (const record of [...stages.values(), ...deeds.values()]) {
      const { runId: of, status, stage: part, attempt, startedAt, seconds, bytesDone } = record
      const ended = all.get(name)?.some((other) => other.part === part && other.attempt === attempt)
      if (of !== runId || status !== 'started' || ended) continue
      const times = { started_at: startedAt, finished_at: null, seconds: thousandths(seconds) }
      add(name, { part, status: 'running', attempt, ...times, bytes: Math.round(bytesDone) })
    }
  }
  for (const attempts of all.values()) attempts.sort((a, b) => (a.started_at < b.started_at ? -1 : 1))
  return all
}

function endedAttempt(entry: HistoryEntry): ReportedAttempt | undefined {
  const { stage: part, event, attempt = 1, at, seconds = 0, bytes = 0, message } = entry
  // Entries that are about no attempt.
  if (part === undefined || event === 'forgotten') return undefined
  if (event === 'renamed' || event === 'removed' || event === 'imported') return undefined
  return {
    part,
    status: event,
    attempt,
    started_at: new Date(Date.parse(at) - seconds * 1000).toISOString(),
    finished_at: at,
    seconds: thousandths(seconds),
    bytes: Math.round(bytes),
    ...(message === undefined ? {} : { message }),
  }
}
