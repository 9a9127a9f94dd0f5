import type { RunReport } from '../core/language/run-report.ts'
import { nearest } from '../core/nearest.ts'
import { printable } from '../core/printable.ts'
import { problem } from '../core/problem.ts'
import type { RunRecord } from '../core/record.ts'
import { runReport } from '../core/report/run-report.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'

const logBytes = 4096
const everything = 1_000_000_000
const runsToGuessFrom = 1000

/** The report of a run, without an id of the latest that worked on machines. @throws ProblemError STATE_LOST, USAGE */
export function reportRun(
  id: string | undefined,
  state: StateStore,
  context: Pick<Context, 'workspace' | 'root' | 'clock' | 'logTail'>,
): RunReport {
  const run = id === undefined ? latest(state) : state.run(id)
  if (!run) throw unknownRun(id, state)
  return runReport({
    workspace: context.workspace,
    root: context.root,
    run,
    alive: state.locks().some(({ alive, pid, since }) => alive && pid === run.pid && since === run.startedAt),
    now: context.clock.now(),
    foreseen: state.foreseen(run.id),
    settled: state.settled(run.id),
    history: state.history({ run: run.id, limit: everything }),
    records: state.machines({ forgotten: true }),
    evidence: (machine) => state.evidence(machine, run.finishedAt ?? context.clock.now()),
    log: (machine) => context.logTail(run.id, machine, logBytes),
  })
}

// One that only changed the state by hand worked on no machine.
function latest(state: StateStore): RunRecord | undefined {
  return state.runs(runsToGuessFrom).find(({ command }) => !command.startsWith('state '))
}

function unknownRun(id: string | undefined, state: StateStore) {
  if (id === undefined) return problem('STATE_LOST', 'there was no run yet', { hint: 'h2k apply' })
  const known: readonly RunRecord[] = state.runs(runsToGuessFrom)
  const near = nearest(
    id,
    known.map((run) => run.id),
  )
  return problem('USAGE', `there was no run ${printable(id)}`, {
    hint: near === undefined ? 'h2k state history shows the runs' : `did you mean --run ${near}?`,
  })
}
