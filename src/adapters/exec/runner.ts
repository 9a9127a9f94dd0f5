import { execa } from 'execa'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import type { Command, Finished, Runner } from '../../ports/runner.ts'
import { findTool, requireTool } from './find-tool.ts'

const keptCharacters = 64 * 1024
const graceMilliseconds = 2000

/** Runs real tools. */
export function createRunner(): Runner {
  return { run }
}

async function run(command: Command, signal: AbortSignal): Promise<Finished> {
  signal.throwIfAborted()
  const { file, args } = withDeathSignal(requireTool(command.file), command.args)
  // Its own process group: Ctrl-C goes to h2k, which decides, and a time limit ends what the tool started too.
  const child = execa(file, args, {
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, LC_ALL: 'C' },
  })
  const stdout = tail(child.stdout, command.onOutput)
  const stderr = tail(child.stderr)
  let timedOut = false
  const end = (name: 'SIGTERM' | 'SIGKILL') => endGroup(child.pid, name)
  const stop = () => {
    end('SIGTERM')
    setTimeout(() => end('SIGKILL'), graceMilliseconds).unref()
  }
  const timer = command.timeoutSeconds
    ? setTimeout(() => {
        timedOut = true
        stop()
      }, command.timeoutSeconds * 1000)
    : undefined
  signal.addEventListener('abort', stop, { once: true })
  const result = await child
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  const tool = `${command.file} ${command.args[0] ?? ''}`.trim()
  const detail = printable(stderr().trim().split('\n').slice(-5).join(' | '))
  if (timedOut) throw problem('TOOL_TIMEOUT', `${tool} took longer than ${command.timeoutSeconds} s`, { detail })
  if (result.exitCode === undefined) {
    throw problem('TOOL_FAILED', `${tool} was ended by ${result.signal ?? result.cause ?? 'something'}`, { detail })
  }
  if (result.exitCode !== 0 && !command.answers?.includes(result.exitCode)) {
    throw problem('TOOL_FAILED', `${tool} failed with ${result.exitCode}: ${detail || 'it said nothing'}`)
  }
  return { exitCode: result.exitCode, stdout: stdout(), stderr: stderr() }
}

// The kernel ends the tool when h2k dies, however it dies.
function withDeathSignal(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  const setpriv = findTool('setpriv')
  return setpriv ? { file: setpriv, args: ['--pdeathsig', 'KILL', '--', file, ...args] } : { file, args }
}

function endGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function tail(stream: NodeJS.ReadableStream, onText?: (text: string) => void): () => string {
  let kept = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    onText?.(text)
    kept = (kept + text).slice(-keptCharacters)
  })
  return () => kept
}
