import { addressOf } from '../core/address.ts'
import { type BatchProgress, createBatchProgress, type Member } from '../core/batch-progress.ts'
import { batchReport, type Remark } from '../core/batch-report.ts'
import { batchSummary, summaryMark } from '../core/batch-summary.ts'
import type { Emit, RunEvent } from '../core/events.ts'
import type { MachineBatch } from '../core/machine.ts'
import { acts, type Plan, type PlannedMachine } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import type { Applied } from './apply.ts'
import type { Context } from './context.ts'
import { reportText, writeReport } from './report-file.ts'

const secondsBetweenWrites = 1
// Enough to see what is wrong with a batch.
const maxRemarks = 1000

/** The files of the batches that a run works on. */
export interface BatchFiles {
  /** Takes what happens in the run. */
  readonly take: (event: RunEvent) => void
  /** Writes how it ended. */
  end(applied: Applied): Promise<void>
}

/** Where the files of batches are told to whom. */
interface Place {
  readonly context: Pick<Context, 'clock' | 'files'>
  readonly runId: string
  readonly version: string
  readonly emit: Emit
}

/**
 * Keeps `.progress/batch_progress.json` of each batch that has something to do, at most once a second, and at the end writes its
 * report and its summary. Nothing of it can fail the run.
 */
export async function batchFiles(
  plan: Plan,
  batches: ReadonlyMap<string, MachineBatch>,
  place: Place,
): Promise<BatchFiles> {
  const byFolder = Map.groupBy(
    plan.machines.filter(({ name }) => batches.get(name)?.report),
    ({ name }) => batches.get(name)?.report?.directory ?? '',
  )
  const watched = [...byFolder]
    .filter(([, machines]) => machines.some(acts))
    .flatMap(([folder, machines]) => {
      const batch = batches.get(machines[0]?.name ?? '')
      return batch ? [watch(folder, batch, machines, batches, place)] : []
    })
  await Promise.all(watched.map(({ begin }) => begin()))
  return {
    take(event) {
      for (const { take } of watched) take(event)
    },
    async end(applied) {
      await Promise.all(watched.map(({ end }) => end(applied)))
    },
  }
}

function watch(
  folder: string,
  batch: MachineBatch,
  machines: readonly PlannedMachine[],
  batches: ReadonlyMap<string, MachineBatch>,
  { context, runId, version, emit }: Place,
) {
  const { clock, files } = context
  const now = () => Date.parse(clock.now()) / 1000
  const members = machines.map((machine) => memberOf(machine, batches.get(machine.name)?.report?.vmId ?? machine.name))
  const progress = createBatchProgress({ ...batch, runId }, members, now())
  const remarks = { warnings: [] as Remark[], errors: [] as Remark[] }
  const byAddress = new Map(machines.map(({ name }) => [addressOf(name), name]))
  let refused = false

  const write = async (name: string, text: string, mark: string) => {
    const problems = await writeReport(`${folder}/${name}`, text, mark, files)
    for (const problem of problems) emit({ type: 'diagnostic', problem })
    return problems.length === 0
  }
  const writeProgress = async () => {
    if (refused) return
    const { text, mark } = reportText(progress.view(now()))
    // Told once, and not with every second.
    refused = !(await write('.progress/batch_progress.json', text, mark))
  }
  const writer = sparing(writeProgress, clock)
  return {
    begin: writeProgress,
    take(event: RunEvent) {
      note(event, clock.now(), byAddress, remarks)
      if (progress.take(event, now())) writer.soon()
    },
    async end(applied: Applied) {
      settle(progress, applied, now())
      await writer.end()
      const report = batchReport(progress.view(now()), {
        file: batch.file,
        version,
        now: clock.now(),
        manifests: new Map(machines.map(({ name, file }) => [name, file])),
        unchanged: new Set(machines.filter(({ action, held }) => action === 'noop' && !held).map(({ name }) => name)),
        leftAlone: new Set(
          machines.filter(({ held }) => held?.by === 'suspended' || held?.by === 'dry_run').map(({ name }) => name),
        ),
        warnings: remarks.warnings,
        errors: [...machines.flatMap((machine) => blockedRemarks(machine, clock.now())), ...remarks.errors],
      })
      const { text, mark } = reportText(report)
      await write('batch_report.json', text, mark)
      await write('batch_summary.txt', batchSummary(report), summaryMark)
    },
  }
}

function memberOf({ name: machine, action, held, problems, stages }: PlannedMachine, vmId: string): Member {
  if (action === 'blocked') return { vmId, machine, failed: problems[0]?.summary ?? 'it cannot be planned' }
  if (held) return { vmId, machine, skipped: held.why }
  if (action === 'noop') return { vmId, machine, skipped: 'as git says already' }
  const lastStage = stages.at(-1)?.stage
  return { vmId, machine, ...(lastStage ? { lastStage } : {}) }
}

function blockedRemarks({ name: machine, action, problems }: PlannedMachine, at: string): Remark[] {
  return action === 'blocked'
    ? problems.map(({ code, summary }) => ({ machine, message: `${code}: ${summary}`, at }))
    : []
}

function note(
  event: RunEvent,
  at: string,
  byAddress: ReadonlyMap<string, string>,
  { warnings, errors }: { readonly warnings: Remark[]; readonly errors: Remark[] },
): void {
  const add = ({ severity, code, summary, address = '' }: Problem) => {
    const machine = byAddress.get(address.split('/')[0] ?? '')
    const list = severity === 'error' ? errors : warnings
    if (machine !== undefined && list.length < maxRemarks) list.push({ machine, message: `${code}: ${summary}`, at })
  }
  if (event.type === 'diagnostic') add(event.problem)
  if (event.type === 'stage_failed' && !event.interrupted) event.problems.forEach(add)
}

function settle(progress: BatchProgress, { failed, interrupted, held, done, problems }: Applied, at: number): void {
  const why = (name: string) => problems.find(({ address }) => address?.split('/')[0] === addressOf(name))?.summary
  progress.end(
    {
      done: new Set(done),
      failed: new Map(failed.map((name) => [name, why(name) ?? 'it failed'])),
      interrupted: new Set(interrupted),
      held: new Map([...held].map(([name, reason]) => [name, reason.why])),
    },
    at,
  )
}

/** Calls for a write as often as wished, and does it at most once a second, one at a time, and once more at the end. */
function sparing(write: () => Promise<void>, clock: Pick<Context['clock'], 'seconds'>) {
  let last = clock.seconds()
  let timer: NodeJS.Timeout | undefined
  let under = Promise.resolve()
  const now = () => {
    clearTimeout(timer)
    timer = undefined
    last = clock.seconds()
    under = under.then(write)
    return under
  }
  return {
    soon() {
      if (timer !== undefined) return
      const wait = Math.max(0, last + secondsBetweenWrites - clock.seconds())
      // The work keeps the program alive, not what is told of it.
      timer = setTimeout(() => void now(), wait * 1000).unref()
    },
    end: now,
  }
}
