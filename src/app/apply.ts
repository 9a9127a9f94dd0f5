import type { Emit } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import type { Machine, MachineBatch } from '../core/machine.ts'
import type { StageOutputs } from '../core/outputs.ts'
import type { Plan, PlannedMachine } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import { type Claims, createSchedule } from '../core/schedule.ts'
import { scratchFolder } from './guest-disks.ts'
import { leave } from './leave.ts'
import { type Run, runStage, StageFailure } from './run-stage.ts'
import type { Stage, Subject } from './stage.ts'
import { sweep } from './sweep.ts'

/** How a run ended. */
export interface Applied {
  readonly done: readonly string[]
  readonly failed: readonly string[]
  readonly interrupted: readonly string[]
  readonly forgotten: readonly string[]
  readonly destroyed: readonly string[]
  readonly unchanged: number
  /** What failed, stage by stage, in the order in which it did. */
  readonly problems: readonly Problem[]
}

/** Runs a plan's stages, machines side by side; one that fails does not stop the others. */
export async function apply(plan: Plan, subjects: ReadonlyMap<string, Subject>, run: Run): Promise<Applied> {
  const { context, emit, signal } = run
  const planned = plan.machines.filter(({ stages, action }) => stages.length > 0 && action !== 'blocked')
  const active = new Map<string, { subject: Subject; graph: readonly Stage[]; outputs: Record<string, Json> }>()
  const inOrder = planned
    .flatMap(({ name }) => subjects.get(name) ?? [])
    .toSorted((a, b) => a.machine.priority - b.machine.priority)
  for (const subject of inOrder) {
    active.set(subject.machine.name, { subject, graph: run.stagesOf(subject.machine), outputs: {} })
  }
  const chains = [...active].map(([name, { subject, graph }]) => ({
    name,
    steps: graph.map((stage) => ({
      name: stage.name,
      claims: claimsOf(stage, subject.machine),
      keeps: stage.keeps(subject.machine),
    })),
  }))
  const schedule = createSchedule(chains, { ...context.concurrency, ...batchLimits(inOrder) })
  const results = {
    done: [] as string[],
    failed: [] as string[],
    interrupted: [] as string[],
    problems: [] as Problem[],
  }
  const running = new Set<Promise<void>>()
  const begun = context.clock.seconds()
  const stages = chains.reduce((sum, chain) => sum + chain.steps.length, 0)
  emit({ type: 'run_start', machines: active.size, stages, bytes: bytesToWork(planned, subjects) })
  let bytesDone = 0
  const counting: Emit = (event) => {
    if (event.type === 'stage_done') bytesDone += event.bytes
    emit(event)
  }

  // What ends the whole run and not one machine: the state cannot be written, or belongs to somebody else now.
  let fatal: { readonly error: unknown } | undefined
  const step = async (name: string, stageName: string): Promise<void> => {
    const machine = active.get(name)
    const stage = machine?.graph.find((candidate) => candidate.name === stageName)
    if (!machine || !stage) throw new Error(`${name}/${stageName} is not in the graph`)
    try {
      machine.outputs[stage.name] = await runStage(stage, machine.subject, machine.outputs as Partial<StageOutputs>, {
        ...run,
        emit: counting,
      })
      if (stage.keeps(machine.subject.machine).length === 0) await closeGuest(machine.subject)
      if (stage === machine.graph.at(-1)) await sweep(machine.subject.machine, run)
      schedule.finish(name, 'done')
      if (stage === machine.graph.at(-1)) results.done.push(name)
    } catch (error) {
      await closeGuest(machine.subject)
      schedule.finish(name, 'failed')
      if (!(error instanceof StageFailure)) {
        fatal ??= { error }
        schedule.stop()
      } else {
        results.problems.push(...error.problems)
        results[signal.aborted ? 'interrupted' : 'failed'].push(name)
        const { batch } = machine.subject.machine
        if (batch && !batch.continueOnError) schedule.close(batchSlot(batch))
      }
    }
  }
  const closeGuest = ({ machine }: Subject) => context.guests.close(scratchFolder(machine, context))
  const stop = () => schedule.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  for (;;) {
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

  const { forgotten, destroyed, kept, failed, problems } = await leave(plan, run)
  results.done.push(...kept)
  results.failed.push(...failed)
  results.problems.push(...problems)
  const ended = new Set([...results.done, ...results.failed, ...results.interrupted])
  const interrupted = [...results.interrupted, ...[...active.keys()].filter((name) => !ended.has(name))]
  const unchanged = plan.machines.filter(({ action }) => action === 'noop').length
  emit({
    type: 'summary',
    done: results.done.length,
    failed: results.failed.length,
    unchanged,
    forgotten: forgotten.length,
    destroyed: destroyed.length,
    interrupted: interrupted.length,
    seconds: context.clock.seconds() - begun,
    bytes: bytesDone,
  })
  return { ...results, interrupted, forgotten, destroyed, unchanged }
}

// A batch is a resource like any other: its machines share its places.
const batchSlot = ({ id }: MachineBatch) => `batch ${id}`
const copySlot = ({ id }: MachineBatch) => `copies of batch ${id}`

function claimsOf(stage: Stage, { batch, ...machine }: Machine): Claims {
  const claims = stage.claims(machine)
  if (!batch) return claims
  return { ...claims, [batchSlot(batch)]: 1, ...(claims.disk_io ? { [copySlot(batch)]: claims.disk_io } : {}) }
}

function batchLimits(subjects: readonly Subject[]): Record<string, number> {
  const batches = subjects.flatMap(({ machine }) => machine.batch ?? [])
  return Object.fromEntries(
    batches.flatMap((batch) => [
      [batchSlot(batch), batch.parallelLimit],
      ...(batch.copyLimit === undefined ? [] : [[copySlot(batch), batch.copyLimit]]),
    ]),
  )
}

// As the stages announce them: an archive is read once for its digests and then copied from.
function bytesToWork(planned: readonly PlannedMachine[], subjects: ReadonlyMap<string, Subject>): number {
  return planned.reduce((sum, { name, writeBytes, readBytes }) => {
    const archive = subjects.get(name)?.machine.source.provider !== 'local'
    return sum + writeBytes + (archive ? readBytes : 0)
  }, 0)
}
