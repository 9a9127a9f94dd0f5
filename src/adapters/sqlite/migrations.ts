import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './connect.ts'

/** One numbered step of the schema. */
export interface Migration {
  /** The schema's number once this one is applied. */
  readonly schema: number
  readonly file: string
  readonly sql: string
}

/** The migrations for SQLite in a folder, `NNN-name.sql` or `NNN-name.sqlite.sql`, numbered from 1 without a gap. */
export function readMigrations(folder: string): readonly Migration[] {
  const migrations = readdirSync(folder)
    .filter((name) => /^\d{3}-[a-z0-9-]+(\.sqlite)?\.sql$/.test(name))
    .sort()
    .map((name) => ({ schema: Number(name.slice(0, 3)), file: join(folder, name) }))
  migrations.forEach(({ schema, file }, index) => {
    if (schema !== index + 1) throw new Error(`${file}: the migrations before it are ${index}, not ${schema - 1}`)
  })
  return migrations.map((migration) => ({ ...migration, sql: readFileSync(migration.file, 'utf8') }))
}

export function schemaOf(db: Connection): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/**
 * Brings the schema up to the newest migration, each in a transaction of its own: after a crash in the middle of one, the
 * schema before it is whole. `before` is called ahead of each.
 */
export function migrate(
  db: Connection,
  migrations: readonly Migration[],
  before: (schema: number) => void = () => {},
): void {
  for (const migration of migrations) {
    if (schemaOf(db) >= migration.schema) continue
    before(schemaOf(db))
    db.transaction(() => {
      // Another h2k may have come first while this one waited for the lock.
      if (schemaOf(db) >= migration.schema) return
      db.exec(migration.sql)
      db.pragma(`user_version = ${migration.schema}`)
    }).immediate()
  }
}
