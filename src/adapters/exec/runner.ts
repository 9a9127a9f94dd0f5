import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import type { Command, Finished, Runner } from '../../ports/runner.ts'
import { endGroup, endTree } from './end-tree.ts'
import { findTool, requireTool } from './find-tool.ts'

const keptCharacters = 64 * 1024
const keptReportCharacters = 1024 * 1024

/** Runs real tools. */
export function createRunner(): Runner {
  return { run }
}

async function run(command: Command, signal: AbortSignal): Promise<Finished> {
  signal.throwIfAborted()
  const mark = randomUUID()
  const child = start(command, mark)
  const stdout = tail(child.stdout, keptCharacters, command.onOutput)
  const stderr = tail(child.stderr, keptCharacters, command.onErrorOutput)
  const report = tail(child.stdio[3], keptReportCharacters)
  let timedOut = false
  let ending: Promise<void> | undefined
  const stop = () => {
    if (child.pid !== undefined) ending ??= endTree({ leader: child.pid, mark: `${markName}=${mark}` })
  }
  const timer = command.timeoutSeconds
    ? setTimeout(() => {
        timedOut = true
        stop()
      }, command.timeoutSeconds * 1000)
    : undefined
  signal.addEventListener('abort', stop, { once: true })
  await exitOf(child)
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  const output = openOutput(child, () => stdout.seen() + stderr.seen() + report.seen())
  // What still holds the output may be about to finish, such as `tee`; what is quiet is not.
  if (!ending) await output.settled()
  await (ending ?? (child.pid === undefined ? undefined : endGroup(child.pid)))
  await output.settled()
  output.close()
  const result = await child
  signal.throwIfAborted()
  const tool = printable(`${command.file} ${command.args[0]?.slice(0, 80) ?? ''}`.trim())
  const detail = printable(stderr.text().trim().split('\n').slice(-5).join(' | '))
  if (timedOut) throw problem('TOOL_TIMEOUT', `${tool} took longer than ${command.timeoutSeconds} s`, { detail })
  const exitCode = result.exitCode ?? (command.answers === 'any' ? numberOf(result.signal) : undefined)
  if (exitCode === undefined) {
    throw problem('TOOL_FAILED', `${tool} was ended by ${result.signal ?? result.cause ?? 'something'}`, { detail })
  }
  if (exitCode !== 0 && command.answers !== 'any' && !command.answers?.includes(exitCode)) {
    throw problem('TOOL_FAILED', `${tool} failed with ${exitCode}: ${detail || 'it said nothing'}`)
  }
  return {
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    ...(command.reports ? { report: report.text() } : {}),
  }
}

// Finds what a tool started and lost: children inherit it.
const markName = 'H2K_STARTED'

function start(command: Command, mark: string) {
  const { file, args } = withDeathSignal(requireTool(command.file), command.args)
  const env = command.env ?? { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, LC_ALL: 'C' }
  // Its own process group: Ctrl-C goes to h2k, which decides, and a time limit ends what the tool started too.
  const child = execa(file, args, {
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', command.reports ? 'pipe' : 'ignore'],
    extendEnv: false,
    env: { ...env, [markName]: mark },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  })
  // A tool may end before it has read all: what it made of it, its exit code tells.
  child.stdin?.on('error', () => undefined).end(command.input)
  return child
}

type Child = ReturnType<typeof start>

// The kernel ends the tool when h2k dies, however it dies.
function withDeathSignal(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  const setpriv = findTool('setpriv')
  return setpriv ? { file: setpriv, args: ['--pdeathsig', 'KILL', '--', file, ...args] } : { file, args }
}

/** Settles when the tool itself has ended or could not be started; its output may still be open. */
async function exitOf(child: Child): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.nodeChildProcess.once('exit', () => resolve())
    child.then(() => resolve(), reject)
  })
}

/** The pipes of a tool that has ended: what it started may hold them open for ever. */
function openOutput(child: Child, seen: () => number) {
  let open = true
  const end = child.then(() => {
    open = false
  })
  return {
    /** Settles when the pipes are closed, were quiet for a while, or go on and on. */
    async settled(): Promise<void> {
      for (let waits = 0, quiet = 0; open && quiet < 5 && waits < 40; waits++) {
        const before = seen()
        await Promise.race([end, sleep(50, undefined, { ref: false })])
        quiet = seen() === before ? quiet + 1 : 0
      }
    },
    close() {
      if (open) for (const stream of child.stdio) stream?.destroy()
    },
  }
}

function numberOf(signal: string | undefined): number | undefined {
  const found = Object.entries(constants.signals).find(([name]) => name === signal)
  return found && 128 + found[1]
}

interface Tail {
  text(): string
  /** Counts all characters that came. */
  seen(): number
}

function tail(
  stream: NodeJS.ReadableStream | NodeJS.WritableStream | null | undefined,
  limit: number,
  onText?: (text: string) => void,
): Tail {
  let kept = ''
  let seen = 0
  if (stream && 'setEncoding' in stream) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      onText?.(text)
      seen += text.length
      kept = (kept + text).slice(-limit)
    })
  }
  return { text: () => kept, seen: () => seen }
}
