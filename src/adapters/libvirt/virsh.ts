import { problem } from '../../core/problem.ts'
import type { Runner } from '../../ports/runner.ts'
import { digestOfFile } from './digest-of-file.ts'
import { failureOf } from './failure.ts'
import { inTurn } from './turns.ts'

export interface VirshOptions {
  /** 120 without it. */
  readonly timeoutSeconds?: number
  /** It moves many bytes, and holds nobody up meanwhile: how many there are of those, the slots of stages say. */
  readonly long?: boolean
}

/** One libvirt, through the command-line client that comes with it. */
export interface Virsh {
  readonly uri: string
  /**
   * Runs a command of virsh and settles with what it prints. Names and paths are arguments of their own, as
   * `--option=value` or after `--`, so that none of them is taken for an option.
   * @throws ProblemError TARGET_UNREACHABLE when there is no connection or it was lost, TARGET_FAILED when libvirt refuses,
   * TOOL_MISSING, TOOL_TIMEOUT
   */
  run(args: readonly string[], signal: AbortSignal, options?: VirshOptions): Promise<string>
  /**
   * Runs a command that writes a file, and settles with the SHA-256 (hex) of what it writes. Nothing of it is kept.
   * @throws ProblemError as `run` does
   */
  digest(args: readonly string[], signal: AbortSignal, options?: VirshOptions): Promise<string>
}

// What ssh needs to find its keys, and a user's own libvirt to be found.
const passed = ['PATH', 'HOME', 'TMPDIR', 'SSH_AUTH_SOCK', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME']

/** What of h2k's own environment virsh gets. */
export function virshEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const found = passed.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []))
  return { ...Object.fromEntries(found), LC_ALL: 'C' }
}

/** `environment` is h2k's own. */
export function createVirsh(
  runner: Pick<Runner, 'run'>,
  uri: string,
  environment: Readonly<Record<string, string | undefined>>,
): Virsh {
  const env = virshEnvironment(environment)
  const start = async (args: readonly string[], signal: AbortSignal, timeoutSeconds = 120) => {
    // All of it: what the runner keeps is bounded.
    const printed: string[] = []
    const ended = await runner.run(
      {
        file: 'virsh',
        args: ['-q', '-c', uri, ...args],
        env,
        answers: 'any',
        timeoutSeconds,
        onOutput: (text) => printed.push(text),
      },
      signal,
    )
    // Of several commands it gives the exit code of the last alone, whatever became of the others (`vshCommandRun`).
    if (ended.exitCode === 0 && !/^error: /m.test(ended.stderr)) return printed.join('')
    const failure = failureOf(args[0] ?? 'virsh', uri, ended)
    throw problem(failure.code, failure.summary, failure.hint === undefined ? {} : { hint: failure.hint })
  }
  const run: Virsh['run'] = async (args, signal, { timeoutSeconds, long } = {}) => {
    if (long) return await start(args, signal, timeoutSeconds)
    return await inTurn(uri, signal, () => start(args, signal, timeoutSeconds))
  }
  return {
    uri,
    run,
    async digest(args, signal, options) {
      return await digestOfFile(runner, (path, within) => run([...args, `--file=${path}`], within, options), signal)
    },
  }
}

/** The lines of a listing. */
export function linesOf(printed: string): readonly string[] {
  return printed.split('\n').filter((line) => line.trim() !== '')
}
