import { Errors, run, settings } from '@oclif/core'
import { bugOf, type Problem } from '../core/problem.ts'
import { problemText } from '../render/problem-text.ts'
import { exitCodes } from './exit-code.ts'
import { packageRoot } from './package-root.ts'

/** Runs the command that the words name, and sets the exit code. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  // Else oclif looks for a TypeScript compiler wherever NODE_ENV is not production.
  settings.enableAutoTranspile = false
  try {
    await run([...argv], { root: packageRoot })
  } catch (error) {
    // What a command throws ends in its own `catch`; here are unknown commands, and oclif's own ways to end.
    if (error instanceof Errors.ExitError) process.exitCode = error.oclif.exit ?? exitCodes.error
    else await tell(await problemOf(error, argv), argv.includes('--json'))
  }
}

async function problemOf(error: unknown, argv: readonly string[]): Promise<Problem> {
  if (!(error instanceof Errors.CLIError)) return bugOf(error)
  const [{ commands }, { commandProblem }] = await Promise.all([import('./commands.ts'), import('./usage-problem.ts')])
  return commandProblem(argv, Object.keys(commands))
}

async function tell(problem: Problem, json: boolean): Promise<void> {
  process.exitCode = exitCodes.error
  if (!json) {
    process.stderr.write(`${problemText(problem)}\n`)
    return
  }
  const { openStream } = await import('./open-stream.ts')
  const stream = openStream()
  stream.emit({ type: 'diagnostic', problem })
  stream.result(exitCodes.error)
}
