import { addressOf } from '../core/address.ts'
import type { Held } from '../core/held.ts'
import type { MachineBatch } from '../core/machine.ts'
import { acts, type Plan, type PlannedMachine } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import type { Settled } from '../core/record.ts'
import type { WaveRule } from '../core/waves.ts'
import { batchFiles } from './batch-files.ts'
import { foresee } from './foresee.ts'
import { leave } from './leave.ts'
import { machineReports } from './machine-reports.ts'
import { countingBytes, type Runner, runMachines } from './run-machines.ts'
import type { Run } from './run-stage.ts'
import type { Subject } from './stage.ts'
import { verboseEvents } from './verbose-events.ts'
import { waveGate } from './wave-gate.ts'

/** How a run ended. */
export interface Applied {
  readonly done: readonly string[]
  readonly failed: readonly string[]
  readonly interrupted: readonly string[]
  readonly forgotten: readonly string[]
  readonly destroyed: readonly string[]
  /** What the plan wanted to be done now, and whose turn did not come, with the reason. */
  readonly held: ReadonlyMap<string, Held>
  readonly unchanged: number
  /** What failed, stage by stage, in the order in which it did. */
  readonly problems: readonly Problem[]
}

/** Runs a plan: wave by wave, the lowest priority first, each machine after those that it depends on. */
export async function apply(
  plan: Plan,
  subjects: ReadonlyMap<string, Subject>,
  waves: readonly WaveRule[],
  batches: ReadonlyMap<string, MachineBatch>,
  run: Run & { readonly version: string },
): Promise<Applied> {
  const { context, version } = run
  const planned = plan.machines.filter((machine) => machine.stages.length > 0 && acts(machine))
  const waveOf = new Map(waves.map(({ name }, index) => [name, index]))
  const runners = planned
    .flatMap(({ name, wave }): Runner[] => {
      const subject = subjects.get(name)
      if (!subject) return []
      return [{ subject, graph: run.stagesOf(subject.machine), wave: waveOf.get(wave ?? '') ?? waves.length }]
    })
    .toSorted((a, b) => a.wave - b.wave || a.subject.machine.priority - b.subject.machine.priority)
  const begun = context.clock.seconds()
  const stages = runners.reduce((sum, { graph }) => sum + graph.length, 0)
  const place = { context, runId: run.writer.runId, version, emit: run.emit }
  const files = await batchFiles(plan, batches, place)
  const reports = machineReports(planned, subjects, version, run)
  const counting = countingBytes((event) => {
    run.emit(event)
    files.take(event)
    reports.take(event)
  })
  await run.writer.foresee(foresee(plan, context, run.state))
  const emit = verboseEvents(subjects, { ...run, emit: counting.emit })
  emit({ type: 'run_start', machines: runners.length, stages, bytes: bytesToWork(planned, subjects) })
  const counts = new Map<number, number>()
  for (const { wave } of runners) counts.set(wave, (counts.get(wave) ?? 0) + 1)
  const ran = await runMachines(runners, waveGate(waves, counts, context.clock, emit), reports.ended, { ...run, emit })
  const left = await leave(plan, { ...run, emit })
  const applied = {
    ...ran,
    done: [...ran.done, ...left.kept],
    failed: [...ran.failed, ...left.failed],
    forgotten: left.forgotten,
    destroyed: left.destroyed,
    unchanged: plan.machines.filter(({ action, held }) => action === 'noop' && !held).length,
    problems: [...ran.problems, ...left.problems],
  }
  await run.writer.settle(settledOf(applied))
  await files.end(applied)
  emit({
    type: 'summary',
    done: applied.done.length,
    failed: applied.failed.length,
    unchanged: applied.unchanged,
    forgotten: applied.forgotten.length,
    destroyed: applied.destroyed.length,
    held: applied.held.size + plan.machines.filter(({ held }) => held !== undefined).length,
    interrupted: applied.interrupted.length,
    seconds: context.clock.seconds() - begun,
    bytes: counting.done(),
  })
  return applied
}

function settledOf({ failed, held, problems }: Applied): readonly Settled[] {
  const why = new Map(problems.map(({ address = '', summary }) => [address.split('/')[0], summary]))
  return [
    ...failed.map((name) => ({ name, outcome: 'failed' as const, why: why.get(addressOf(name)) ?? 'it failed' })),
    ...[...held].map(([name, reason]) => ({ name, outcome: 'held' as const, why: reason.why })),
  ]
}

// As the stages announce them: an archive is read once for its digests and then copied from.
function bytesToWork(planned: readonly PlannedMachine[], subjects: ReadonlyMap<string, Subject>): number {
  return planned.reduce((sum, { name, writeBytes, readBytes }) => {
    const archive = subjects.get(name)?.machine.source.provider !== 'local'
    return sum + writeBytes + (archive ? readBytes : 0)
  }, 0)
}
