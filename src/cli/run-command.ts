import { Errors, run, settings } from '@oclif/core'
import { packageRoot } from './package-root.ts'

/** Runs the command that the words name, and sets the exit code. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  // Else oclif looks for a TypeScript compiler wherever NODE_ENV is not production.
  settings.enableAutoTranspile = false
  try {
    await run([...argv], { root: packageRoot })
  } catch (error) {
    // What a command throws ends in its own `catch`; here are unknown commands, and oclif's own ways to end.
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? 1
      return
    }
    const summary = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    process.stderr.write(`error USAGE: ${summary}\n  -> h2k --help\n`)
    process.exitCode = 1
  }
}
