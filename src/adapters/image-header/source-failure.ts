import { dirname } from 'node:path'
import { problem } from '../../core/problem.ts'

/** Runs `work`, which reads `path`; what the system refuses comes out as a problem that names it. */
export async function explainingSource<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string') {
      throw explained(path, error.code, error.message)
    }
    throw error
  }
}

function explained(path: string, code: string, detail: string) {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return problem('SOURCE_MISSING', `${path} does not exist`, { hint: `ls -l ${shellWord(dirname(path))}` })
    case 'EACCES':
    case 'EPERM':
      return problem('SOURCE_UNREADABLE', `${path} may not be read by this user`, {
        detail,
        hint: `let this user read it: setfacl -m u:$(id -un):r ${shellWord(path)}`,
      })
    default:
      return problem('SOURCE_UNREADABLE', `${path} cannot be read`, {
        detail,
        hint: 'look for errors of its disk or mount: dmesg --level=err,warn | tail',
      })
  }
}

/** A shell reads it back as one word. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
