import { spawnSync } from 'node:child_process'
import { alternate, type Contender, printTable, sh } from './measure.ts'
import { h2k } from './workspace.ts'

// How long a person waits before anything is said, against terraform on the same machine.
const rounds = 15
const hasTerraform = spawnSync('terraform', ['version']).status === 0
const run = (file: string, ...args: string[]): Contender => ({
  name: `${file === h2k ? 'h2k' : file} ${args.join(' ')}`,
  run: () => void sh(file, args),
})

compare('Version', [run('terraform', 'version'), run(h2k, '--version')])
compare('Help', [run('terraform', 'plan', '-help'), run(h2k, 'plan', '--help')])

function compare(title: string, contenders: readonly Contender[]): void {
  printTable(title, alternate(hasTerraform ? contenders : contenders.slice(1), rounds))
  if (!hasTerraform) console.log('\n(terraform is not installed: no ratio)')
}
