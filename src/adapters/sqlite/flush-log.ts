import { realpathSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Connection } from './connect.ts'

/**
 * Runs a transaction whose commit does not wait for the disk: until its log is flushed a power failure takes it back as a
 * whole, and never what was flushed before. (https://sqlite.org/pragma.html#pragma_synchronous)
 */
export function withoutFlush<Result>(db: Connection, transaction: () => Result): Result {
  db.pragma('synchronous = NORMAL')
  try {
    return transaction()
  } finally {
    db.pragma('synchronous = FULL')
  }
}

/** Where a database's log is: beside its file, whatever name that was opened by. */
export function logOf(db: Connection): string {
  return `${realpathSync(db.name)}-wal`
}

/** Waits until what was committed is on the disk, without keeping this thread. */
export async function flushLog(db: Connection, log: string): Promise<void> {
  try {
    // SQLite has no locks on it that closing could end.
    const file = await open(log, 'r')
    try {
      await file.datasync()
    } finally {
      await file.close()
    }
  } catch (error) {
    // Closing the database puts the log into it, and that on the disk.
    if (db.open) throw error
  }
}
