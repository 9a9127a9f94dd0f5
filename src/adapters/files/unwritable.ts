import { type ProblemError, problem } from '../../core/problem.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EFBIG: 'the file system has no files of that size',
  EIO: 'input/output error',
}

/** What a person can act on, made of what the kernel says about a file that was to be written; anything else stays. */
export function unwritable(error: unknown, path: string): ProblemError | unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return problem('SPACE_SHORT', `there is no room for ${path}`, { hint: 'make room, then apply again' })
  }
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined
  if (reason === undefined) return error
  return problem('OUTPUT_UNWRITABLE', `${path} cannot be written: ${reason}`, {
    hint: 'let h2k write there, or name another folder',
  })
}
