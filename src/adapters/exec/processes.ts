import { readdirSync, readFileSync } from 'node:fs'

/** A process of this host that still runs. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Tells it from a later process with the same id: clock ticks since the host started. */
  readonly started: string
}

/** Every running process, by Linux's /proc (proc_pid_stat(5)); none on a host without it. Zombies do not run. */
export function runningProcesses(): readonly Process[] {
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readProcess)
    .filter((process) => process !== undefined)
}

/** The environment that a process was started with; empty when it is somebody else's. */
export function environmentOf(pid: number): string {
  return readProc(`/proc/${pid}/environ`) ?? ''
}

function readProcess(name: string): Process | undefined {
  const stat = readProc(`/proc/${name}/stat`)
  // The command's name stands in parentheses, and may hold some itself.
  const [state, parent, group, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  if (state === undefined || 'ZX'.includes(state)) return undefined
  return { pid: Number(name), parent: Number(parent), group: Number(group), started: rest[16] ?? '' }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isOneOf(error, ['ENOENT', 'EACCES', 'EPERM'])) return []
    throw error
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    // It ended meanwhile, or belongs to somebody else.
    if (isOneOf(error, ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])) return undefined
    throw error
  }
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
