import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { h2k, makeWorkspace } from './workspace.ts'

// `h2k plan` of machines that are all as git says: what a pull request waits for. They are applied for real first.
// `node bench/plan.ts [MACHINES]`
const machines = Number(process.argv[2] ?? 10_000)
const folder = makeWorkspace(machines)
try {
  console.log(`\n| ${machines} machines | seconds | peak MB |\n| --- | --- | --- |`)
  report('plan, nothing done yet, first read of the files', ['plan'])
  report('apply', ['apply', '--auto-approve', '--parallel', '10'])
  report('plan, nothing to do', ['plan', '--detailed-exitcode'])
  report('plan, nothing to do, again', ['plan', '--detailed-exitcode'])
  rmSync(`${folder}/.h2k/work`, { recursive: true })
  report('plan, nothing to do, nothing cached', ['plan', '--detailed-exitcode'])
  report('state list', ['state', 'list'])
} finally {
  rmSync(folder, { recursive: true })
}

function report(what: string, args: readonly string[]): void {
  const begun = performance.now()
  const { status, stderr } = spawnSync(h2k, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--import=${import.meta.dirname}/peak-memory.mjs` },
  })
  const seconds = (performance.now() - begun) / 1000
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  const kilobytes = Number(stderr.match(/peak (\d+)/)?.[1])
  console.log(`| ${what} | ${seconds.toFixed(2)} | ${Math.round(kilobytes / 1024)} |`)
}
