import { type ProblemError, problem } from '../../core/problem.ts'
import type { RunStart, StateStore } from '../../ports/state.ts'
import { standingOf } from './lease.ts'
import { lineageOf, type OpenDatabase, serialOf, wallSeconds } from './open-database.ts'

type Other = Parameters<StateStore['takeOver']>[0]

// In an order in which no row refers to one that is not there; locks and holders are of this state's runs alone.
const tables = ['runs', 'machines', 'stages', 'artifacts', 'history'] as const

/** Puts what a state in another file holds in place of what this one does, as one more change of this one. */
export function takeOver(opened: OpenDatabase, other: Other, run: RunStart, force: boolean): void {
  const { db, host } = opened
  db.prepare('ATTACH DATABASE ? AS other').run(other.path)
  try {
    db.transaction(() => {
      const wrong = whyNot(opened, other, force)
      if (wrong) throw wrong
      db.exec('DELETE FROM locks; DELETE FROM holders')
      for (const table of tables.toReversed()) db.exec(`DELETE FROM main.${table}`)
      for (const table of tables) {
        const columns = db.pragma(`main.table_info(${table})`) as readonly { readonly name: string }[]
        const list = columns.map(({ name }) => name).join(', ')
        db.exec(`INSERT INTO main.${table} (${list}) SELECT ${list} FROM other.${table}`)
      }
      // Neither a serial nor a fencing token is ever given out twice.
      db.exec(`UPDATE main.meta SET
        lineage = (SELECT lineage FROM other.meta),
        serial = max(serial, (SELECT serial FROM other.meta)) + 1,
        last_token = max(last_token, (SELECT last_token FROM other.meta)) + 1`)
      const token = db.prepare('SELECT last_token FROM main.meta').pluck().get()
      opened.runs.insert.run({ commit: null, ...run, token, pid: host.pid })
      opened.runs.end.run({ runId: run.id, finishedAt: run.startedAt, exitCode: 0 })
    }).immediate()
  } finally {
    db.exec('DETACH DATABASE other')
  }
}

function whyNot(opened: OpenDatabase, other: Other, force: boolean): ProblemError | undefined {
  const { db, holders, host, place } = opened
  const alive = holders.all.all().find((holder) => standingOf(holder, host, wallSeconds(opened)) === 'alive')
  if (alive) {
    return problem(
      'LOCKED',
      `${alive.who} runs "${alive.command}" with this state, pid ${alive.pid} on ${alive.host}`,
      {
        hint: 'wait for it to end',
      },
    )
  }
  const serial = serialOf(db)
  // Nothing was ever written to it.
  if (serial === 0 || force) return undefined
  const hint = 'look at both with h2k state list; h2k state push --force puts it in place all the same'
  if (other.lineage !== lineageOf(db)) {
    return problem('STATE_DIFFERS', `${place.path} and what is pushed are two states: their lineages differ`, { hint })
  }
  if (other.serial < serial) {
    const summary = `what is pushed has serial ${other.serial}, the state is at ${serial} already: it would forget what was done since`
    return problem('STATE_DIFFERS', summary, { hint })
  }
  return undefined
}
