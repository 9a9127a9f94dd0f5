import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { tablesIn } from './tables.ts'

// `npm run bench [NAME …]`: every number in the docs comes from one of these, and what they print is kept in
// bench/results/NAME.json. `guest` and `order` take many minutes, `flame` draws docs/profiles: they run when they are named.
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
  const child = spawn(process.execPath, [`bench/${name}.ts`], { stdio: ['inherit', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text: Buffer) => {
    process.stdout.write(text)
    said += text
  })
  const [status] = await once(child, 'close')
  if (status !== 0) process.exitCode = 1
  // The copies keep theirs themselves, a part of which may be measured anew.
  else if (name !== 'copy') keep(name, said)
}

function keep(name: string, said: string): void {
  const tables = tablesIn(said)
  if (tables.length === 0) return
  mkdirSync('bench/results', { recursive: true })
  const results = { cpus: cpus().length, model: cpus()[0]?.model, tables }
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(results, undefined, 1)}\n`)
}
