import { spawnSync } from 'node:child_process'

// `npm run bench [NAME …]`: every number in the docs comes from one of these. `guest` and `order` take many minutes, `flame`
// draws docs/profiles: they run when they are named.
const all = [
  'startup',
  'resolve',
  'plan',
  'state',
  'apply-loop',
  'progress',
  'convert-options',
  'qcow2-options',
  'inflate',
  'copy',
  'terraform',
]
const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n# bench/${name}.ts`)
  const { status } = spawnSync(process.execPath, [`bench/${name}.ts`], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
