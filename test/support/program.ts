import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a run of the built program ended. */
export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Lines of `--json`, parsed. */
  events(): readonly Record<string, unknown>[]
  /** The `data` of the last line of `--json`. */
  data<T>(): T
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

const program = resolve('bin/h2k')

/** Runs `h2k` as a user does, in a folder. */
export function h2k(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return start(folder, args, env).ended
}

/** Starts `h2k` and leaves it running. */
export function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const ended = new Promise<Ended>((settle, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode, signal) => {
      const events = () =>
        output.stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Record<string, unknown>)
      settle({ exitCode, signal, ...output, events, data: <T>() => events().at(-1)?.data as T })
    })
  })
  return { child, ended }
}

/** Settles once the condition holds while `h2k` runs; when it ends before, throws what it said. */
export async function until(condition: () => boolean, { child, ended }: Running): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const { exitCode, signal, stdout, stderr } = await ended
      throw new Error(`h2k ended too early, with ${exitCode ?? signal}:\n${stdout}${stderr}`)
    }
    await sleep(20)
  }
}
