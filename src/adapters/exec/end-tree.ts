import { setTimeout as sleep } from 'node:timers/promises'
import { environmentOf, type Process, runningProcesses } from './processes.ts'

const graceMilliseconds = 2000
const pollMilliseconds = 25
// A process that does not end by then hangs in the kernel.
const killRounds = 40

/** A tool that was started as the leader of a process group. */
export interface Tree {
  readonly leader: number
  /** A variable, `NAME=value`, that only what this tool started has in its environment. */
  readonly mark: string
}

/**
 * Ends a tool and everything it started, also what left its group or lost its parent: asks, and kills after two
 * seconds what is still there.
 */
export async function endTree(tree: Tree): Promise<void> {
  const known = new Map<number, string>()
  await end(tree.leader, () => membersOf(tree, known))
}

/** Ends what a tool that has ended by itself left running in its group. */
export async function endGroup(leader: number): Promise<void> {
  if (!groupExists(leader)) return
  await end(leader, () => runningProcesses().filter(({ group }) => group === leader))
}

async function end(leader: number, find: () => readonly Process[]): Promise<void> {
  const running = () => (process.platform === 'linux' ? find() : groupExists(leader) ? [undefined] : [])
  const signalAll = (name: 'SIGTERM' | 'SIGKILL') => {
    for (const one of running()) signal(one?.pid ?? -leader, name)
  }
  signalAll('SIGTERM')
  for (let waited = 0; waited < graceMilliseconds && running().length > 0; waited += pollMilliseconds) {
    await sleep(pollMilliseconds)
  }
  for (let round = 0; round < killRounds && running().length > 0; round++) {
    signalAll('SIGKILL')
    await sleep(pollMilliseconds)
  }
}

/** The tool's running processes. `known` keeps those once seen, which lose their parent when that ends first. */
function membersOf({ leader, mark }: Tree, known: Map<number, string>): readonly Process[] {
  const running = runningProcesses()
  const isKnown = ({ pid, started }: Process) => known.get(pid) === started
  const belongs = (one: Process) => one.group === leader || known.has(one.parent) || isMarked(one.pid, mark)
  let grown = true
  while (grown) {
    const found = running.filter((one) => !isKnown(one) && belongs(one))
    for (const { pid, started } of found) known.set(pid, started)
    grown = found.length > 0
  }
  return running.filter(isKnown)
}

function isMarked(pid: number, mark: string): boolean {
  return `\0${environmentOf(pid)}`.includes(`\0${mark}\0`)
}

function groupExists(leader: number): boolean {
  return signal(-leader, 0)
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    // It ended by itself meanwhile, or took another user's rights.
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false
    throw error
  }
}
