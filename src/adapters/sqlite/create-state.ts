import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { flush } from './backup.ts'
import { type Connection, connect, connectMemory } from './connect.ts'
import { type Migration, migrate } from './migrations.ts'

/** Marks a SQLite file as a state of h2k: `h2k` and a format number, in the header's application id. */
export const applicationId = 0x68326b01

/**
 * Makes a new state. It gets its name only when it is whole, so that a crash leaves no half of one; when another process
 * makes the same at the same time, the first one stays.
 */
export function createState(path: string, migrations: readonly Migration[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  rmSync(part, { force: true })
  closeSync(openSync(part, 'wx', 0o600))
  try {
    const db = connect(part)
    try {
      initialize(db, migrations, randomUUID())
    } finally {
      db.close()
    }
    linkUnlessThere(part, path)
  } finally {
    rmSync(part, { force: true })
  }
  flush(dirname(path))
}

/** What a state that was never made looks like: no machines, no lineage, serial 0. */
export function absentState(migrations: readonly Migration[]): Connection {
  const db = connectMemory()
  initialize(db, migrations, '')
  db.pragma('query_only = ON')
  return db
}

function initialize(db: Connection, migrations: readonly Migration[], lineage: string): void {
  db.pragma(`application_id = ${applicationId}`)
  migrate(db, migrations)
  db.prepare('INSERT INTO meta (only_row, lineage, serial, last_token) VALUES (1, ?, 0, 0)').run(lineage)
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}
