import { globSync, readFileSync } from 'node:fs'

/** The process id that a script wrote to a file. */
export function pidIn(path: string): number {
  const pid = Number(readFileSync(path, 'utf8'))
  if (!Number.isInteger(pid) || pid < 2) throw new Error(`${path} holds no process id`)
  return pid
}

/** Whether a process runs; one that has ended and was not waited for does not. */
export function isRunning(pid: number): boolean {
  const status = readProc(`/proc/${pid}/status`)
  return status !== '' && !/^State:\s+[ZX]/m.test(status)
}

/** The running processes with this argument. */
export function runningWith(argument: string): readonly number[] {
  return globSync('/proc/[0-9]*/cmdline')
    .filter((path) => readProc(path).split('\0').includes(argument))
    .map((path) => Number(path.split('/')[2]))
    .filter(isRunning)
}

/** The running processes that have this text in their arguments or their environment. */
export function runningMatching(text: string): readonly { readonly pid: number; readonly command: string }[] {
  return globSync('/proc/[0-9]*/cmdline').flatMap((path) => {
    const pid = Number(path.split('/')[2])
    const command = readProc(path).replaceAll('\0', ' ')
    const known = command.includes(text) || readProc(`/proc/${pid}/environ`).includes(text)
    return known && isRunning(pid) ? [{ pid, command }] : []
  })
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code)))
      return ''
    throw error
  }
}
