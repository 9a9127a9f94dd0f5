import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock } from '../src/adapters/host/clock.ts'
import { linuxHost } from '../src/adapters/sqlite/host.ts'
import { openState } from '../src/adapters/sqlite/open-state.ts'
import { apply } from '../src/app/apply.ts'
import type { Context } from '../src/app/context.ts'
import type { Stage, Subject } from '../src/app/stage.ts'
import type { Plan } from '../src/core/plan.ts'
import { stageNames } from '../src/core/stage-names.ts'

// What the apply loop, its state and its events cost on top of the stages: 1,000 machines x 5 stages that only wait.
// `node bench/apply-loop.ts [MACHINES] [MILLISECONDS]`
const machines = Number(process.argv[2] ?? 1000)
const milliseconds = Number(process.argv[3] ?? 10)
const parallel = 10

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
const clock = createClock()
const state = openState({
  path: join(folder, 'state.db'),
  migrations: 'state/migrations',
  backups: join(folder, 'backups'),
  host: linuxHost(),
  clock,
  mode: 'create',
})
const stages = stageNames.map(
  (name, index): Stage => ({
    name,
    after: index === 0 ? [] : stageNames.slice(index - 1, index),
    tools: [],
    gate: false,
    included: () => true,
    claims: () => ({}),
    keeps: () => [],
    reads: () => [],
    gone: () => false,
    describe: () => '',
    broken: async () => undefined,
    prepare: (subject) => ({
      input: { machine: subject.machine.name },
      fingerprint: `${subject.machine.name}/${name}`,
      bytes: 0,
      run: async (_context, work) => {
        work.progress(0)
        await new Promise((settle) => setTimeout(settle, milliseconds))
        return { done: true }
      },
    }),
  }),
)
const steering = { onRemove: 'forget', verbose: 0 }
const names = Array.from({ length: machines }, (_, index) => `vm${index}`)
const subjects = new Map(
  names.map((name) => [
    name,
    {
      machine: { name, file: 'x', source: { provider: 'local' }, hooks: {}, dependsOn: [], steering },
    } as unknown as Subject,
  ]),
)
const planned = names.map((name) => ({ name, action: 'create', stages: [{}], writeBytes: 0, readBytes: 0 }))
const plan = { machines: planned } as unknown as Plan
const guests = { close: async () => undefined }
const concurrency = { disk_io: parallel, guestfs: parallel, global: parallel }
const context = { clock, concurrency, guests, workDirectory: folder } as unknown as Context
const writer = state.begin({ id: 'bench', command: 'apply', who: 'bench', version: '0', startedAt: clock.now() }, names)
let events = 0
const begun = clock.seconds()
const { done } = await apply(plan, subjects, [], new Map(), {
  version: '0',
  context,
  state,
  writer,
  emit: () => {
    events++
  },
  signal: new AbortController().signal,
  redo: [],
  stagesOf: () => stages,
  reached: () => undefined,
})
// Else it would be fast for the wrong reason.
if (done.length !== machines) throw new Error(`${machines - done.length} machines failed`)
const took = clock.seconds() - begun
await writer.end({ finishedAt: clock.now(), exitCode: 0 })
state.close()
rmSync(folder, { recursive: true })
// A timer is a little late by itself: what the waits take without h2k is the ideal.
const ideal = await waits()
console.log(
  `\n${machines} machines x ${stages.length} stages of ${milliseconds} ms, ${parallel} at a time, ${events} events`,
)
console.log(`\n| what | seconds | ratio |\n| --- | --- | --- |`)
console.log(
  `| the waits alone | ${ideal.toFixed(2)} | 1.00 |\n| apply | ${took.toFixed(2)} | ${(took / ideal).toFixed(2)} |`,
)

async function waits(): Promise<number> {
  const from = clock.seconds()
  const lane = async () => {
    for (let index = 0; index < (machines * stages.length) / parallel; index++) {
      await new Promise((settle) => setTimeout(settle, milliseconds))
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return clock.seconds() - from
}
