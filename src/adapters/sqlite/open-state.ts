import { chmodSync, existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem } from '../../core/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StateStore } from '../../ports/state.ts'
import { backupBeforeMigration, copyState, newestBackup } from './backup.ts'
import { checkHeader, checkIntegrity, checkSchema, isThere } from './check-state.ts'
import { type Connection, connect, connectCopy, connectReading, makeDurable } from './connect.ts'
import { absentState, createState } from './create-state.ts'
import { explaining, restoreHint, type StatePlace } from './failure.ts'
import type { Host } from './host.ts'
import { defaultLease, type Lease } from './lease.ts'
import { type Migration, migrate, readMigrations, schemaOf } from './migrations.ts'
import { serialOf } from './open-database.ts'
import { stateStore } from './store.ts'

export interface StateOptions {
  readonly path: string
  /** Folder of the numbered SQL files. */
  readonly migrations: string
  /** Folder for the copies that are made before migrations, and where a damaged state's hint looks for one. */
  readonly backups: string
  readonly host: Host
  readonly clock: Clock
  /**
   * `read` shows a missing state as an empty one and never writes, also not its schema; `create` makes a missing state;
   * `write` refuses it.
   */
  readonly mode: 'read' | 'write' | 'create'
  /** What is there that only an apply can have made, such as `output/web01`: with any of it, a missing state is a lost one. */
  readonly leftovers?: () => readonly string[]
  readonly lease?: Lease
}

/**
 * Opens the state in a SQLite file.
 * @throws ProblemError STATE_CORRUPT, STATE_NEWER, STATE_LOST, STATE_UNWRITABLE, FILE_UNREADABLE
 */
export function openState(options: StateOptions): StateStore {
  const place: StatePlace = { path: resolve(options.path), backups: resolve(options.backups) }
  const migrations = readMigrations(options.migrations)
  return explaining(place, () => {
    const db = openConnection(place, migrations, options)
    const { host, clock, lease = defaultLease } = options
    return stateStore({ db, place, host, clock, lease })
  })
}

function openConnection(place: StatePlace, migrations: readonly Migration[], options: StateOptions): Connection {
  if (!isThere(place.path)) {
    refuseLost(place, options.leftovers?.() ?? [])
    if (options.mode === 'read') return absentState(migrations)
    if (options.mode === 'write') throw missing(place)
    createState(place.path, migrations)
  }
  checkHeader(place)
  const db = options.mode === 'read' ? connectReading(place.path) : connect(place.path)
  try {
    checkSchema(db, place, migrations.length)
    checkIntegrity(db, place)
    if (options.mode === 'read') return readable(db, migrations)
    keepPrivate(place.path)
    makeDurable(db)
    migrate(db, migrations, (schema) => backupBeforeMigration(db, place.backups, schema, serialOf(db)))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** An older schema is brought up to date in a copy: who only reads leaves the file as it is. */
function readable(db: Connection, migrations: readonly Migration[]): Connection {
  if (schemaOf(db) === migrations.length) return db
  const copy = connectCopy(
    (path) => copyState(db, path),
    (upgraded) => migrate(upgraded, migrations),
  )
  db.close()
  return copy
}

/** A copy that was put back can have come with the mode of its folder. */
function keepPrivate(path: string): void {
  const { mode, uid } = statSync(path)
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(path, 0o600)
}

function refuseLost(place: StatePlace, leftovers: readonly string[]): void {
  const log = `${place.path}-wal`
  const traces = [newestBackup(place.backups), existsSync(log) ? log : undefined, ...leftovers].filter(
    (trace) => trace !== undefined,
  )
  if (traces.length === 0) return
  throw problem('STATE_LOST', `${place.path}: the state is missing, but there was one`, {
    detail: `it left ${traces.slice(0, 5).join(', ')}${traces.length > 5 ? ` and ${traces.length - 5} more` : ''}`,
    hint:
      newestBackup(place.backups) === undefined
        ? `put a copy of the state back at ${place.path}, let h2k state import take over what is there, or move it out of the way to begin anew`
        : restoreHint(place),
  })
}

function missing(place: StatePlace) {
  return problem('STATE_LOST', `${place.path}: there is no state yet`, {
    detail: 'nothing was ever applied from this workspace',
    hint: 'h2k apply',
  })
}
