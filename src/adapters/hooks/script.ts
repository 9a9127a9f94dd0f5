import { resolve } from 'node:path'
import type { Hook, ScriptHook } from '../../core/hook.ts'
import { printable } from '../../core/printable.ts'
import type { Runner } from '../../ports/runner.ts'
import { type Attempt, type Failure, failure } from './attempt.ts'
import { requireExecutable, requireFolder } from './hook-file.ts'

/** Runs an executable file by argv; exit code 0 is success. */
export async function runScript(hook: ScriptHook, attempt: Attempt, runner: Runner): Promise<Failure | undefined> {
  requireExecutable(hook, hook.path)
  const args = hook.args.map((arg, index) => attempt.text(arg, `args[${index}]`))
  const named = Object.entries(hook.env).map(([name, value]) => [name, attempt.text(value, `env.${name}`)] as const)
  const cwd = resolve(hook.folder, attempt.text(hook.workingDirectory, 'working_directory'))
  requireFolder(hook, cwd)
  const impossible = [...args, ...named.flat()].find((text) => text.includes('\0'))
  if (impossible !== undefined) return failure(hook, 'an argument or variable holds a NUL character', { final: true })
  const { exitCode } = await runner.run(
    {
      file: hook.path,
      args,
      cwd,
      env: { ...attempt.environment, ...Object.fromEntries(named) },
      timeoutSeconds: hook.timeoutSeconds,
      answers: 'any',
      onOutput: attempt.out,
      onErrorOutput: attempt.err,
    },
    attempt.signal,
  )
  return exitCode === 0 ? undefined : exited(hook, hook.path, exitCode, attempt)
}

/** The failure of a program that ended with another exit code than 0. */
export function exited(hook: Hook, program: string, exitCode: number, attempt: Attempt): Failure {
  const lines = attempt.lastLines()
  return failure(hook, `${printable(program)} ended with exit code ${exitCode}`, {
    ...(lines === '' ? {} : { detail: lines }),
    ...(exitCode === 126 || exitCode === 127
      ? { hint: 'see that its first line names an interpreter that is there, and that it calls only what is on PATH' }
      : {}),
  })
}
