import { enableCompileCache } from 'node:module'
import { helpPage } from './help-page.ts'
import { version } from './version.ts'

enableCompileCache()
// What waits for a disk waits in one of these threads, four by default: a disk that hangs would hold up all others.
process.env.UV_THREADPOOL_SIZE ??= '16'

// Terraform's users type these with one dash.
const singleDash = /^-(out|auto-approve|detailed-exitcode|refresh|no-refresh|parallel|json|help|version)(=.*)?$/s

// Whoever reads us may stop reading, as `head` does, or have no space left: work that goes on must not end by that.
let deaf = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!deaf && error.code !== 'EPIPE') process.stderr.write(`h2k: standard output cannot be written: ${error.code}\n`)
  deaf = true
})

const argv = commandFirst(process.argv.slice(2)).map((word) => (singleDash.test(word) ? `-${word}` : word))

// `h2k -C DIR plan` as in git and Terraform: oclif wants the command first.
function commandFirst(words: readonly string[]): readonly string[] {
  let taken = 0
  for (let width = widthOf(words[0]); width > 0; width = widthOf(words[taken])) taken += width
  const rest = words.slice(taken)
  const end = rest.findIndex((word) => word.startsWith('-'))
  const command = end === -1 ? rest : rest.slice(0, end)
  return [...command, ...words.slice(0, taken), ...rest.slice(command.length)]
}

// How many words a flag that every command has takes; 0 for anything else.
function widthOf(word: string | undefined): number {
  if (word === '-C' || word === '--chdir') return 2
  return word !== undefined && /^(--chdir=.*|--?json|--(no-)?color)$/s.test(word) ? 1 : 0
}

const page = helpPage(argv, process.stdout)
if (argv[0] === '--version') {
  process.stdout.write(`h2k ${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else if (page !== undefined) {
  process.stdout.write(page)
} else {
  const { runCommand } = await import('./run-command.ts')
  await runCommand(argv)
}
