import { copyFileSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { problem } from '../../core/problem.ts'

export type Connection = Database.Database

/** Before it, resetting the write-ahead log could corrupt a database: https://sqlite.org/wal.html#walresetbug */
const oldestSqlite = [3, 51, 3] as const

const busyTimeoutMilliseconds = 5000

/** A database in memory, gone when closed. */
export function connectMemory(): Connection {
  return connected(new Database(':memory:'))
}

/** Opens an existing file and changes nothing in it yet. */
export function connect(path: string): Connection {
  return connected(new Database(path, { fileMustExist: true, timeout: busyTimeoutMilliseconds }))
}

/** From here on every commit is on the disk when it returns, and readers do not wait for the writer. */
export function makeDurable(db: Connection): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') {
    throw problem('STATE_UNWRITABLE', `${db.name}: the file system has no shared memory for SQLite's log`, {
      hint: 'put the workspace on a local file system, such as ext4 or XFS',
    })
  }
  db.pragma('synchronous = FULL')
}

/** Opens an existing file for reading, also where neither it nor its folder may be written. */
export function connectReading(path: string): Connection {
  try {
    return connectUnwritable(path)
  } catch (error) {
    if (!(error instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY)/.test(error.code))) throw error
    // SQLite reads its log only with a shared memory file beside it. That is missing and cannot be made: then nobody
    // can be writing either, and a copy is as good as the file.
    const real = realpathSync(path)
    return connectCopy((copy) => {
      copyFileSync(real, copy)
      if (existsSync(`${real}-wal`)) copyFileSync(`${real}-wal`, `${copy}-wal`)
    })
  }
}

/** Opens for reading what `make` puts at the path that it is given, once `change` has changed it. Leaves no file behind. */
export function connectCopy(make: (path: string) => void, change: (db: Connection) => void = () => {}): Connection {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-state-'))
  try {
    const copy = join(folder, 'state.db')
    make(copy)
    const db = connect(copy)
    change(db)
    db.pragma('journal_mode = DELETE')
    db.close()
    // An open file stays readable without its name.
    return connectUnwritable(copy)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function connectUnwritable(path: string): Connection {
  const db = connected(new Database(path, { readonly: true, timeout: busyTimeoutMilliseconds }))
  // SQLite opens its log at the first read and not before.
  db.prepare('SELECT count(*) FROM sqlite_schema').get()
  return db
}

/** @throws ProblemError TOOL_MISSING when SQLite is older than what the state needs */
export function requireSqlite(version: string): void {
  const found = version.split('.').map(Number)
  const differing = oldestSqlite.findIndex((number, index) => number !== (found[index] ?? 0))
  if (differing === -1 || (found[differing] ?? 0) > (oldestSqlite[differing] ?? 0)) return
  throw problem('TOOL_MISSING', `SQLite ${oldestSqlite.join('.')} or newer is needed, this one is ${version}`, {
    detail: 'before it, SQLite could damage the state when it resets its write-ahead log',
    hint: 'npm install better-sqlite3@13',
  })
}

/** The version of the SQLite that comes with h2k. */
export function sqliteVersion(): string {
  const db = new Database(':memory:')
  try {
    return versionOf(db)
  } finally {
    db.close()
  }
}

function versionOf(db: Connection): string {
  return String(db.prepare('SELECT sqlite_version()').pluck().get())
}

function connected(db: Connection): Connection {
  requireSqlite(versionOf(db))
  db.pragma('foreign_keys = ON')
  return db
}
