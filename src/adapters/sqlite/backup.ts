import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Connection } from './connect.ts'

const keptBackups = 20

/**
 * Writes one compact copy of everything committed, write-ahead log included, to a file that must not exist yet. Under its
 * name it is complete and on the disk, or not there. Mode 0600.
 */
export function copyState(db: Connection, path: string): void {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  rmSync(part, { force: true })
  // SQLite fills an empty file as it would a new one, and keeps its mode.
  closeSync(openSync(part, 'wx', 0o600))
  try {
    db.prepare('VACUUM INTO ?').run(part)
    flush(part)
    // Unlike a rename, a link never replaces a file.
    linkSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
  flush(dirname(path))
}

/** Keeps the state as it is before a migration. A copy of the same schema and serial is already what this would make. */
export function backupBeforeMigration(db: Connection, folder: string, schema: number, serial: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `schema-${schema}-serial-${serial}.db`)
  if (!existsSync(path)) copyState(db, path)
}

/** Keeps the state as it is before a command changes it by hand; of such copies the newest are kept. */
export function backupBeforeCommand(db: Connection, folder: string, serial: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `serial-${serial}.db`)
  if (!existsSync(path)) copyState(db, path)
  const serialOf = (name: string) => Number(/^serial-(\d+)\.db$/.exec(name)?.[1] ?? Number.NaN)
  const kept = readdirSync(folder)
    .filter((name) => !Number.isNaN(serialOf(name)))
    .toSorted((a, b) => serialOf(b) - serialOf(a))
  for (const name of kept.slice(keptBackups)) rmSync(join(folder, name))
  return path
}

/** The newest backup in a folder, undefined when there is none. */
export function newestBackup(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.db'))
    .map((entry) => join(folder, entry.name))
    .map((path) => ({ path, modified: statSync(path).mtimeMs }))
    .sort((a, b) => b.modified - a.modified)[0]?.path
}

/** Brings a file, or the names in a folder, to the disk. */
export function flush(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
