// What it costs to show a run of 1,000 machines, and what listr2's own renderer would cost for far fewer.
// Run: node bench/progress.ts
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'
import { showRun } from '../src/cli/progress.ts'
import type { RunEvent } from '../src/core/events.ts'
import { stageNames } from '../src/core/stage-names.ts'

const updates = 20
const atOnce = 100
const size = 1024 ** 3

/** Counts what is written and shows it to nobody. */
function fakeTerminal() {
  const written = { bytes: 0 }
  const write = (text: string | Uint8Array) => {
    written.bytes += text.length
    return true
  }
  // Listr2 asks for a whole stdout; this has what its renderer touches.
  const output = { columns: 120, rows: 40, isTTY: true, write } as unknown as NodeJS.WriteStream
  return { output, written }
}

/** Runs `work` and tells how long the event loop was kept busy meanwhile. */
async function measured(name: string, events: number, written: { bytes: number }, work: () => Promise<unknown>) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const busyBefore = performance.eventLoopUtilization()
  const begun = performance.now()
  delay.enable()
  await work()
  delay.disable()
  const wall = performance.now() - begun
  const { active } = performance.eventLoopUtilization(busyBefore)
  console.log(
    `${name}: ${events} events in ${(wall / 1000).toFixed(1)} s; ` +
      `loop busy ${active.toFixed(0)} ms, ${((active / events) * 1000).toFixed(1)} µs an event, longest stall ${(delay.max / 1e6).toFixed(0)} ms; ` +
      `${(written.bytes / 1e6).toFixed(1)} MB written`,
  )
}

/**
 * Machines side by side, each through all stages: `act` is called for every update of every stage. The pause after
 * each spreads the run over seconds, as frames are drawn by time.
 */
async function run(machines: number, act: (machine: number, stage: number, update: number) => void) {
  let next = 0
  const worker = async () => {
    for (let machine = next++; machine < machines; machine = next++) {
      for (let stage = 0; stage < stageNames.length; stage++) {
        for (let update = 0; update < updates + 2; update++) {
          act(machine, stage, update)
          await sleep(4)
        }
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

function eventOf(machine: number, index: number, update: number): RunEvent {
  const stage = stageNames[index] ?? 'publish'
  const common = { machine: `machine-${machine}`, stage, attempt: 1 }
  if (update === 0) return { ...common, type: 'stage_start', bytes: size, why: 'not done yet' }
  if (update > updates) return { ...common, type: 'stage_done', seconds: 1, bytes: size, evidence: null }
  return { ...common, type: 'stage_progress', bytes: (size * update) / updates, total: size, rate: 5e8, eta: 1 }
}

async function ours(machines: number) {
  const { output, written } = fakeTerminal()
  const clock = { seconds: () => performance.now() / 1000 }
  const stages = machines * stageNames.length
  await measured(`h2k, ${machines} machines`, stages * (updates + 2), written, () =>
    showRun({ kind: 'terminal', output, clock }, async (emit) => {
      emit({ type: 'run_start', machines, stages, bytes: stages * size })
      await run(machines, (...at) => emit(eventOf(...at)))
    }),
  )
}

async function theirs(machines: number) {
  const { output, written } = fakeTerminal()
  class Renderer extends DefaultRenderer {
    static override nonTTY = true
  }
  type Row = { output: string }
  const rows = new Map<string, { row: Row; finish: () => void }>()
  const begun = Promise.withResolvers<void>()
  const count = machines * stageNames.length
  const tasks = Array.from({ length: machines }, (_, machine) => ({
    title: `machine-${machine}`,
    task: (_context: unknown, parent: { newListr: (list: object[], options: object) => Listr }) =>
      parent.newListr(
        stageNames.map((title, stage) => ({
          title,
          task: (_: unknown, row: Row) =>
            new Promise<void>((finish) => {
              rows.set(`${machine}/${stage}`, { row, finish })
              if (rows.size === count) begun.resolve()
            }),
        })),
        { concurrent: true },
      ),
  }))
  const logger = new ListrLogger({ processOutput: new ProcessOutput(output, output) })
  await measured(`listr2's default renderer, ${machines} machines`, count * (updates + 2), written, async () => {
    const options = {
      renderer: Renderer,
      rendererOptions: { logger },
      concurrent: true,
      registerSignalListeners: false,
    }
    const listr = new Listr(tasks as never, options as never).run()
    await begun.promise
    await run(machines, (machine, stage, update) => {
      const task = rows.get(`${machine}/${stage}`)
      if (update > updates) task?.finish()
      else if (task) task.row.output = `${update} of ${updates}`
    })
    await listr
  })
}

await ours(1000)
await ours(20)
await theirs(20)
