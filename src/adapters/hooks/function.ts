import { z } from 'zod'
import type { NodeHook, PythonHook } from '../../core/hook.ts'
import { printable } from '../../core/printable.ts'
import { renderDeep } from '../../core/template.ts'
import type { Runner } from '../../ports/runner.ts'
import { type Attempt, type Failure, failure, titleOf } from './attempt.ts'
import { nodeProgram, pythonProgram } from './function-program.ts'
import { moduleFile, requireFile, requireFolder } from './hook-file.ts'
import { exited } from './script.ts'

/** Calls a function in a program of its own; true or `{success: true}` is success. */
export async function runFunction(
  hook: PythonHook | NodeHook,
  attempt: Attempt,
  runner: Runner,
): Promise<Failure | undefined> {
  requireFolder(hook, hook.folder)
  const args = renderDeep(hook.args, attempt.context, `${titleOf(hook)}, args`)
  const { given, ...program } = programOf(hook)
  const { exitCode, report = '' } = await runner.run(
    {
      ...program,
      input: JSON.stringify({ ...given, function: hook.function, context: attempt.context, args }),
      cwd: hook.folder,
      env: attempt.environment,
      timeoutSeconds: hook.timeoutSeconds,
      answers: 'any',
      reports: true,
      onOutput: attempt.out,
      onErrorOutput: attempt.err,
    },
    attempt.signal,
  )
  if (report === '' && exitCode !== 0) return exited(hook, program.file, exitCode, attempt)
  return judge(hook, report, attempt)
}

function programOf(hook: PythonHook | NodeHook) {
  if (hook.type === 'node') {
    requireFile(hook, hook.path)
    const args = ['--input-type=module', '-e', nodeProgram]
    return { file: process.execPath, args, given: { path: hook.path } }
  }
  moduleFile(hook)
  // -B leaves no __pycache__ in the user's folders.
  const args = ['-B', '-u', '-X', 'utf8', '-c', pythonProgram]
  return { file: 'python3', args, given: { module: hook.module, pythonpath: hook.pythonpath } }
}

const reportSchema = z.union([
  z.object({ missing: z.literal(true) }),
  z.object({ error: z.string(), at: z.string().optional() }),
  z.object({ result: z.unknown() }),
])
const resultSchema = z.union([z.boolean(), z.object({ success: z.boolean(), output: z.unknown().optional() })])

function judge(hook: PythonHook | NodeHook, text: string, attempt: Attempt): Failure | undefined {
  const name = printable(hook.function)
  if (text === '') return failure(hook, `${name} ended the program instead of returning`)
  const report = reportSchema.safeParse(parsed(text)).data
  if (report === undefined) return failure(hook, `${name} returned too much, or what is no JSON`, { final: true })
  if ('missing' in report) {
    const file = hook.type === 'node' ? printable(hook.path) : `module ${hook.module}`
    return failure(hook, `${file} has no function ${name}`, { final: true })
  }
  if ('error' in report) {
    return failure(
      hook,
      attempt.shown(report.error),
      report.at === undefined ? {} : { detail: attempt.shown(report.at) },
    )
  }
  const result = resultSchema.safeParse(report.result).data
  if (result === undefined) {
    const returned = attempt.shown(JSON.stringify(report.result) ?? 'nothing')
    return failure(hook, `${name} returned ${returned}`, {
      hint: 'return true or {success, output}',
      final: true,
    })
  }
  const { success, output } = typeof result === 'boolean' ? { success: result, output: undefined } : result
  const shown = output === undefined ? '' : typeof output === 'string' ? output : JSON.stringify(output)
  if (shown !== '') attempt.out(`${shown}\n`)
  if (success) return undefined
  return failure(hook, `${name} says that it failed`, shown === '' ? {} : { detail: attempt.shown(shown) })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
