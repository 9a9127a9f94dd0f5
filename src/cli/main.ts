import { enableCompileCache } from 'node:module'
import { packageRoot } from './package-root.ts'
import { version } from './version.ts'

enableCompileCache()

// Terraform's users type these with one dash.
const singleDash = /^-(out|auto-approve|detailed-exitcode|refresh|no-refresh|parallel|json|help|version)(=.*)?$/s

// Whoever reads us may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  throw error
})

const argv = commandFirst(process.argv.slice(2)).map((word) => (singleDash.test(word) ? `-${word}` : word))

// `h2k -C DIR plan` as in git and Terraform: oclif wants the command first.
function commandFirst(words: readonly string[]): readonly string[] {
  const taken = words[0] === '-C' || words[0] === '--chdir' ? 2 : words[0]?.startsWith('--chdir=') ? 1 : 0
  const rest = words.slice(taken)
  const end = rest.findIndex((word) => word.startsWith('-'))
  const command = end === -1 ? rest : rest.slice(0, end)
  return [...command, ...words.slice(0, taken), ...rest.slice(command.length)]
}

if (argv[0] === '--version') {
  process.stdout.write(`h2k ${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  await runCommand()
}

async function runCommand(): Promise<void> {
  const { Errors, run, settings } = await import('@oclif/core')
  // Else oclif looks for a TypeScript compiler wherever NODE_ENV is not production.
  settings.enableAutoTranspile = false
  try {
    await run(argv, { root: packageRoot, pjson: undefined })
  } catch (error) {
    // What a command throws ends in its own `catch`; here are unknown commands, and oclif's own ways to end.
    const code = error instanceof Errors.ExitError ? (error.oclif.exit ?? 1) : 1
    if (!(error instanceof Errors.ExitError)) {
      const summary = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
      process.stderr.write(`error USAGE: ${summary}\n  -> h2k --help\n`)
    }
    process.exitCode = code
  }
}
