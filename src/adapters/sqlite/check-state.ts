import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { problem } from '../../core/problem.ts'
import type { Connection } from './connect.ts'
import { applicationId } from './create-state.ts'
import { corrupt, type StatePlace } from './failure.ts'
import { schemaOf } from './migrations.ts'

const magic = 'SQLite format 3\0'
const headerBytes = 100
const applicationIdOffset = 68

/** Up to here the thorough check takes a tenth of a second at most, once and a half of what the quick one takes. */
const thoroughCheckBytes = 32 * 2 ** 20

/** Whether there is a state. A folder that may not be looked into is a problem, and no sign that there is none. */
export function isThere(path: string): boolean {
  return readable(path, () => statSync(path, { throwIfNoEntry: false })) !== undefined
}

/**
 * Looks at the first bytes of a state before SQLite does, for SQLite takes an empty file for a new database.
 * The header's layout: https://sqlite.org/fileformat2.html#the_database_header
 * @throws ProblemError STATE_CORRUPT, FILE_UNREADABLE
 */
export function checkHeader(place: StatePlace): void {
  if (!statSync(place.path).isFile()) throw corrupt(place, 'it is no file')
  const header = readHeader(place.path)
  if (header.length === 0) throw corrupt(place, 'the file is empty')
  if (!header.toString('latin1').startsWith(magic)) throw corrupt(place, 'the file is no SQLite database')
  if (header.length < headerBytes) throw corrupt(place, 'the file is cut off')
  if (header.readUInt32BE(applicationIdOffset) !== applicationId) {
    throw corrupt(place, 'the file is a SQLite database of another program')
  }
}

/** @throws ProblemError STATE_NEWER when a newer h2k has changed the schema since */
export function checkSchema(db: Connection, place: StatePlace, known: number): void {
  const found = schemaOf(db)
  if (found <= known) return
  throw problem('STATE_NEWER', `${place.path}: the state was written by a newer h2k`, {
    detail: `its schema is number ${found}, this h2k knows up to ${known}`,
    hint: 'run the h2k version that last changed it (h2k --version), or a newer one',
  })
}

/** @throws ProblemError STATE_CORRUPT when pages are missing, damaged or contradict each other */
export function checkIntegrity(db: Connection, place: StatePlace): void {
  const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
  const check = bytes <= thoroughCheckBytes ? 'integrity_check(1)' : 'quick_check(1)'
  const finding = String(db.pragma(check, { simple: true }))
  if (finding !== 'ok') throw corrupt(place, finding)
}

function readHeader(path: string): Buffer {
  const file = readable(path, () => openSync(path, 'r'))
  try {
    const header = Buffer.alloc(headerBytes)
    return header.subarray(0, readSync(file, header, 0, headerBytes, 0))
  } finally {
    closeSync(file)
  }
}

function readable<Result>(path: string, look: () => Result): Result {
  try {
    return look()
  } catch (error) {
    throw problem('FILE_UNREADABLE', `${path}: the state cannot be read`, {
      detail: error instanceof Error ? error.message : String(error),
      hint: `run h2k as the owner of ${path}`,
    })
  }
}
