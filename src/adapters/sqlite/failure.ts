import { dirname } from 'node:path'
import { type ProblemError, problem } from '../../core/problem.ts'
import { newestBackup } from './backup.ts'

/** Where a state lies, and where its backups do. */
export interface StatePlace {
  readonly path: string
  readonly backups: string
}

/** Runs `work`; what SQLite or the file system throws meanwhile comes out as a problem that names the state. */
export function explaining<Result>(place: StatePlace, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw explained(error, place)
  }
}

/** The problem behind an error of SQLite or the file system; anything else as it is. */
export function explained(error: unknown, place: StatePlace): unknown {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  const { code } = error
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return corrupt(place, `SQLite says: ${error.message}`)
  const hint = hints(place).find(([codes]) => codes.test(code))?.[1]
  if (hint === undefined) return error
  return problem('STATE_UNWRITABLE', `${place.path}: the state cannot be written`, {
    detail: `${error.message} (${code}); everything recorded before stays recorded`,
    hint,
  })
}

/** The state is not what h2k wrote. Says how to get the newest backup back, since an empty one would forget all work. */
export function corrupt(place: StatePlace, detail: string): ProblemError {
  return problem('STATE_CORRUPT', `${place.path}: the state is damaged`, { detail, hint: restoreHint(place) })
}

/** One command that puts the newest backup in the state's place. */
export function restoreHint({ path, backups }: StatePlace): string {
  const backup = newestBackup(backups)
  const clear = `rm -f ${[path, `${path}-wal`, `${path}-shm`].map(quoted).join(' ')}`
  if (backup !== undefined) return `${clear} && cp ${quoted(backup)} ${quoted(path)}`
  return `put a copy of the state back at ${path} (there is none in ${backups}); if nothing was ever applied: ${clear}`
}

/** A shell reads it back as one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function hints({ path }: StatePlace): readonly (readonly [RegExp, string])[] {
  const folder = dirname(path)
  return [
    [/^(SQLITE_FULL|ENOSPC|EDQUOT)$/, `free space on the file system of ${folder}, then run the same command again`],
    [/^(SQLITE_BUSY|SQLITE_PROTOCOL)/, 'another h2k was writing for seconds on end; run the same command again'],
    [/^(SQLITE_IOERR|EIO$)/, `the disk under ${folder} reports errors, see: dmesg --level=err | tail`],
    [/^(ENOENT|ENOTDIR)$/, `mkdir -p ${quoted(folder)}`],
    [/^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EROFS$|EACCES$|EPERM$)/, `make ${folder} writable for this user`],
  ]
}
