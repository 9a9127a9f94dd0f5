import type { RunRecord } from '../../core/record.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Connection } from './connect.ts'
import type { StatePlace } from './failure.ts'
import { holderStatements } from './holders.ts'
import type { Host } from './host.ts'
import type { Lease } from './lease.ts'
import type { Nullable } from './rows.ts'

/** What a state is opened with. */
export interface DatabaseOptions {
  readonly db: Connection
  readonly place: StatePlace
  readonly host: Host
  readonly clock: Clock
  readonly lease: Lease
}

/** An open state with the statements that several parts share. */
export function openDatabase(options: DatabaseOptions) {
  const { db } = options
  const runColumns = `
    id, command, who, git_commit AS "commit", version, pid, started_at AS startedAt, finished_at AS finishedAt,
    exit_code AS exitCode, plan_id AS planId`
  return {
    ...options,
    holders: holderStatements(db),
    bumpSerial: db.prepare<[], number>('UPDATE meta SET serial = serial + 1 RETURNING serial').pluck(),
    runs: {
      insert: db.prepare(
        `INSERT INTO runs (id, token, command, who, git_commit, version, pid, started_at)
         VALUES (@id, @token, @command, @who, @commit, @version, @pid, @startedAt)`,
      ),
      end: db.prepare('UPDATE runs SET finished_at = @finishedAt, exit_code = @exitCode WHERE id = @runId'),
      usePlan: db.prepare('UPDATE runs SET plan_id = @planId WHERE id = @runId'),
      byPlan: db.prepare<[string], Nullable<RunRecord>>(`SELECT ${runColumns} FROM runs WHERE plan_id = ?`),
      foresee: db.prepare('UPDATE runs SET foreseen = @foreseen WHERE id = @runId'),
      settle: db.prepare('UPDATE runs SET settled = @settled WHERE id = @runId'),
      one: db.prepare<[string], Nullable<RunRecord>>(`SELECT ${runColumns} FROM runs WHERE id = ?`),
      newest: db.prepare<[number], Nullable<RunRecord>>(`SELECT ${runColumns} FROM runs ORDER BY token DESC LIMIT ?`),
    },
  }
}

export type OpenDatabase = ReturnType<typeof openDatabase>

/** Seconds since 1970 by the clock that people set. */
export function wallSeconds({ clock }: Pick<DatabaseOptions, 'clock'>): number {
  return Date.parse(clock.now()) / 1000
}

/** Grows with every change; 0 in a state that was never written. */
export function serialOf(db: Connection): number {
  return db.prepare<[], number>('SELECT serial FROM meta').pluck().get() ?? 0
}

export function lineageOf(db: Connection): string {
  return db.prepare<[], string>('SELECT lineage FROM meta').pluck().get() ?? ''
}
