import { execa } from 'execa'
import type { Command } from '../../ports/runner.ts'
import { findTool, requireTool } from './find-tool.ts'

// Finds what a tool started and lost: children inherit it.
const markName = 'H2K_STARTED'

/** The variable, as it stands in the environment of a tool that was started with this mark. */
export function markOf(mark: string): string {
  return `${markName}=${mark}`
}

/**
 * Starts a tool in a process group of its own. The kernel ends it when h2k dies, unless it `endsByItself` and so can put
 * things in order first.
 * @throws ProblemError TOOL_MISSING
 */
export function start(command: Command, mark: string, endsByItself = false) {
  const tool = requireTool(command.file)
  const { file, args } = endsByItself ? { file: tool, args: command.args } : withDeathSignal(tool, command.args)
  const env = command.env ?? { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, LC_ALL: 'C' }
  const talks = endsByItself || command.input !== undefined
  // Its own process group: Ctrl-C goes to h2k, which decides, and a time limit ends what the tool started too.
  const child = execa(file, args, {
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdio: [talks ? 'pipe' : 'ignore', 'pipe', 'pipe', command.reports ? 'pipe' : 'ignore'],
    extendEnv: false,
    env: { ...env, [markName]: mark },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  })
  // A tool may end before it has read all: what it made of it, its exit code tells.
  child.stdin?.on('error', () => undefined)
  if (!endsByItself) child.stdin?.end(command.input)
  return child
}

export type Child = ReturnType<typeof start>

/** Settles when the tool itself has ended or could not be started; its output may still be open. */
export async function exitOf(child: Child): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.nodeChildProcess.once('exit', () => resolve())
    child.then(() => resolve(), reject)
  })
}

function withDeathSignal(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  const setpriv = findTool('setpriv')
  return setpriv ? { file: setpriv, args: ['--pdeathsig', 'KILL', '--', file, ...args] } : { file, args }
}
