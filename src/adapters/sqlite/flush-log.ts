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

/** Waits until what was committed is on the disk, without keeping this thread. */
export async function flushLog(db: Connection): Promise<void> {
  try {
    // SQLite keeps it beside the file, whatever name that was opened by. It has no locks on it that closing could end.
    const log = await open(`${realpathSync(db.name)}-wal`, 'r')
    try {
      await log.datasync()
    } finally {
      await log.close()
    }
  } catch (error) {
    // Closing the database puts the log into it, and that on the disk.
    if (db.open) throw error
  }
}
