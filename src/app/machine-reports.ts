import { addressOf, parseAddress } from '../core/address.ts'
import type { RunEvent } from '../core/events.ts'
import type { MachineReport } from '../core/language/reports.ts'
import { machineReport } from '../core/machine-report.ts'
import type { PlannedMachine } from '../core/plan.ts'
import { isStageName, type StageName } from '../core/stage-names.ts'
import { estimateDuration } from './estimate.ts'
import { reportText, writeReport } from './report-file.ts'
import type { Run } from './run-stage.ts'
import type { Subject } from './stage.ts'

/** The reports that machines ask for by `options.report`. */
export interface MachineReports {
  readonly take: (event: RunEvent) => void
  /** Writes the report of a machine whose run has ended, if it asks for one. Cannot fail it. */
  ended(subject: Subject, outcome: MachineReport['outcome']): Promise<void>
}

interface Told {
  readonly hooks: MachineReport['hooks']
  readonly warnings: MachineReport['warnings']
  readonly errors: MachineReport['errors']
  readonly prediction: Parameters<typeof machineReport>[0]['prediction']
  begun?: number
}

/** Listens to a run for the machines that want a report. */
export function machineReports(
  planned: readonly PlannedMachine[],
  subjects: ReadonlyMap<string, Subject>,
  version: string,
  run: Run,
): MachineReports {
  const { context, state, writer, emit } = run
  const wanted = planned.filter(({ name }) => subjects.get(name)?.machine.steering.report !== undefined)
  const told = new Map(wanted.map((machine) => [machine.name, toldOf(machine, run)]))
  return {
    take(event) {
      const of = told.get(machineOf(event) ?? '')
      if (!of) return
      of.begun ??= context.clock.seconds()
      note(event, of)
    },
    async ended({ machine, sourceFiles }, outcome) {
      const of = told.get(machine.name)
      const { report: path } = machine.steering
      if (!of || path === undefined) return
      const now = context.clock.seconds()
      const report = machineReport({
        machine,
        sourceFiles,
        outcome,
        record: state.machine(machine.name),
        runId: writer.runId,
        version,
        now: context.clock.now(),
        seconds: now - (of.begun ?? now),
        ...of,
      })
      const { text, mark } = reportText(report)
      const problems = await writeReport(`${machine.target.directory}/${path}`, text, mark, context.files)
      const address = addressOf(machine.name)
      for (const problem of problems) emit({ type: 'diagnostic', problem: { ...problem, address } })
    },
  }
}

function toldOf(machine: PlannedMachine, { context, state }: Run): Told {
  const { readBytes, writeBytes } = machine
  // As if it ran alone, at the rate that the plan reckoned with.
  const duration = estimateDuration([machine], context, state)
  const prediction = { readBytes, writeBytes, ...(duration ? { duration } : {}) }
  return { hooks: [], warnings: [], errors: [], prediction }
}

function machineOf(event: RunEvent): string | undefined {
  if ('machine' in event) return event.machine
  const address = event.type === 'diagnostic' ? event.problem.address : undefined
  return address?.startsWith('machine.') ? parseAddress(address).machine : undefined
}

function note(event: RunEvent, { hooks, warnings, errors }: Told): void {
  switch (event.type) {
    case 'hook_done': {
      const { stage, point, hook, outcome, attempts, seconds } = event
      if (!isStageName(stage)) break
      hooks.push({ stage, point, hook, outcome, attempts, seconds: Math.round(seconds * 100) / 100 })
      break
    }
    case 'diagnostic': {
      const { severity, code, summary, address = '' } = event.problem
      if (severity === 'info') break
      const stage = stageOf(address)
      if (severity === 'error') errors.push({ ...stage, code, message: summary })
      else warnings.push({ ...stage, message: `${code}: ${summary}` })
      break
    }
    case 'stage_failed':
      for (const { code, summary, hint } of event.problems) {
        errors.push({ stage: event.stage, code, message: summary, ...(hint === undefined ? {} : { hint }) })
      }
      break
    default:
      break
  }
}

function stageOf(address: string): { readonly stage?: StageName } {
  const { stage } = address.startsWith('machine.') ? parseAddress(address) : {}
  return stage === undefined ? {} : { stage }
}
