import { addressOf } from '../core/address.ts'
import type { Emit } from '../core/events.ts'
import type { Held } from '../core/held.ts'
import type { Json } from '../core/json.ts'
import type { Machine, MachineBatch } from '../core/machine.ts'
import type { StageOutputs } from '../core/outputs.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import { type Chain, type Claims, createSchedule } from '../core/schedule.ts'
import { endsRun } from './ends-run.ts'
import { scratchFolder } from './guest-disks.ts'
import type { MachineReports } from './machine-reports.ts'
import { type Run, runStage, StageFailure } from './run-stage.ts'
import type { Stage, Subject } from './stage.ts'
import { sweep } from './sweep.ts'
import type { WaveGate } from './wave-gate.ts'

/** How the machines of a run ended; the names of each outcome. */
export interface Ran {
  readonly done: readonly string[]
  readonly failed: readonly string[]
  readonly interrupted: readonly string[]
  /** Never begun: their turn did not come. */
  readonly held: ReadonlyMap<string, Held>
  /** What failed, stage by stage, in the order in which it did. */
  readonly problems: readonly Problem[]
}

/** A machine to run, with its place among the waves. */
export interface Runner {
  readonly subject: Subject
  readonly graph: readonly Stage[]
  readonly wave: number
}

/**
 * Runs machines' stages side by side, and tells of each that has ended; one that fails does not stop the others.
 * @throws what ends the whole run and not one machine: the state cannot be written, or belongs to somebody else now
 */
export async function runMachines(
  runners: readonly Runner[],
  gate: WaveGate,
  tell: MachineReports['ended'],
  run: Run,
): Promise<Ran> {
  const { context, signal } = run
  const active = new Map(runners.map((runner) => [runner.subject.machine.name, { ...runner, outputs: {} as Outputs }]))
  const schedule = createSchedule(runners.map(chainOf), limitsOf(runners, gate, context.concurrency), gate.mayBegin)
  const results = {
    done: [] as string[],
    failed: [] as string[],
    interrupted: [] as string[],
    problems: [] as Problem[],
  }
  const running = new Set<Promise<void>>()
  let fatal: { readonly error: unknown } | undefined

  const step = async (name: string, stageName: string): Promise<void> => {
    const machine = active.get(name)
    const stage = machine?.graph.find((candidate) => candidate.name === stageName)
    if (!machine || !stage) throw new Error(`${name}/${stageName} is not in the graph`)
    try {
      machine.outputs[stage.name] = await runStage(
        stage,
        machine.subject,
        machine.outputs as Partial<StageOutputs>,
        run,
      )
      if (stage.keeps(machine.subject.machine).length === 0) await closeGuest(machine.subject)
      if (stage === machine.graph.at(-1)) {
        await sweep(machine.subject.machine, run)
        await tell(machine.subject, 'done')
        results.done.push(name)
      }
      schedule.finish(name, 'done')
    } catch (error) {
      if (endsRun(error)) {
        fatal ??= { error }
        schedule.stop()
        return
      }
      const address = addressOf(name, stage.name)
      const known = error instanceof StageFailure
      const problems = (known ? error.problems : problemsOrBug(error)).map((problem) => ({ address, ...problem }))
      results.problems.push(...problems)
      // What fails beside a stage has no event of its own.
      if (!known) for (const problem of problems) run.emit({ type: 'diagnostic', problem })
      await closeGuest(machine.subject)
      const outcome = signal.aborted ? 'interrupted' : 'failed'
      await tell(machine.subject, outcome)
      results[outcome].push(name)
      if (signal.aborted) schedule.stop()
      schedule.finish(name, 'failed')
      const { batch } = machine.subject.machine
      if (batch && !batch.continueOnError) schedule.close(batchSlot(batch))
    }
  }
  const closeGuest = ({ machine }: Subject) => context.guests.close(scratchFolder(machine, context))
  const stop = () => schedule.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  for (;;) {
    const over = gate.windowOver()
    if (over) schedule.endWave(over.wave, over.why)
    for (const { chain, step: stageName } of schedule.start()) {
      const work = step(chain, stageName).finally(() => running.delete(work))
      running.add(work)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  signal.removeEventListener('abort', stop)
  // One may wait for its next stage, which does not come any more.
  for (const { subject } of active.values()) await closeGuest(subject)
  if (fatal) throw fatal.error
  const held = schedule.dropped()
  const ended = new Set([...results.done, ...results.failed, ...results.interrupted, ...held.keys()])
  const never = [...active.keys()].filter((name) => !ended.has(name))
  return { ...results, interrupted: [...results.interrupted, ...never], held }
}

type Outputs = Record<string, Json>

// A batch and a wave are resources like any other: their machines share their places.
const batchSlot = ({ file }: MachineBatch) => `batch ${file}`
const copySlot = ({ file }: MachineBatch) => `copies of batch ${file}`
const waveSlot = (wave: number) => `wave ${wave}`

function chainOf({ subject: { machine }, graph, wave }: Runner): Chain<string> {
  return {
    name: machine.name,
    wave,
    after: machine.dependsOn,
    holds: { [waveSlot(wave)]: 1, ...(machine.batch ? { [batchSlot(machine.batch)]: 1 } : {}) },
    steps: graph.map((stage) => ({
      name: stage.name,
      claims: claimsOf(stage, machine),
      keeps: stage.keeps(machine),
    })),
  }
}

function claimsOf(stage: Stage, { batch, ...machine }: Machine): Claims {
  const claims = stage.claims(machine)
  return batch && claims.disk_io ? { ...claims, [copySlot(batch)]: claims.disk_io } : claims
}

function limitsOf(runners: readonly Runner[], { rules }: WaveGate, concurrency: Claims): Record<string, number> {
  const batches = runners.flatMap(({ subject }) => subject.machine.batch ?? [])
  const waves = rules.flatMap(({ maxParallel }, index) =>
    maxParallel === undefined ? [] : [[waveSlot(index), maxParallel]],
  )
  return {
    ...concurrency,
    ...Object.fromEntries(
      batches.flatMap((batch) => [
        [batchSlot(batch), batch.parallelLimit],
        ...(batch.copyLimit === undefined ? [] : [[copySlot(batch), batch.copyLimit]]),
      ]),
    ),
    ...Object.fromEntries(waves),
  }
}

/** Bytes that the run works through, as it goes. */
export function countingBytes(emit: Emit): { readonly emit: Emit; done(): number } {
  let bytes = 0
  return {
    emit(event) {
      if (event.type === 'stage_done') bytes += event.bytes
      emit(event)
    },
    done: () => bytes,
  }
}
