import type { WorkspacePlan } from '../app/plan-workspace.ts'
import { stagesOf } from '../app/stages/table.ts'
import { addressOf, parseAddress } from '../core/address.ts'
import type { Json } from '../core/json.ts'
import type { PlannedMachine } from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import { problem } from '../core/problem.ts'
import type { StageRecord } from '../core/record.ts'
import type { StageName } from '../core/stage-names.ts'
import { decisionText } from '../render/decision-text.ts'
import { problemText } from '../render/problem-text.ts'
import { planOptions } from './flags.ts'
import { withPlan } from './plan-workspace.ts'

/** Why each stage of a machine, or one of them, runs or does not. */
export async function explain(folder: string, address: string): Promise<{ text: string; data: Json }> {
  const { machine, stage } = parseAddress(address)
  // Its turn depends on others.
  return await withPlan(folder, planOptions({}), (plan, { state }) => {
    return explained(plan, state.machine(machine)?.stages ?? new Map(), machine, stage)
  })
}

function explained(
  { plan, subjects }: WorkspacePlan,
  recorded: ReadonlyMap<string, StageRecord>,
  machine: string,
  wanted: StageName | undefined,
): { text: string; data: Json } {
  const planned = plan.machines.find(({ name }) => name === machine)
  const subject = subjects.get(machine)
  if (!planned) throw problem('ADDRESS_UNKNOWN', `${addressOf(machine)} is neither in git nor in the state`)
  if (!subject) {
    const why = reasons(planned)
    return {
      text: [`${addressOf(machine)}: ${planned.action}`, ...why].join('\n'),
      data: { action: planned.action, why },
    }
  }
  const graph = stagesOf(subject.machine)
  if (wanted && !graph.some(({ name }) => name === wanted)) {
    const text = `${addressOf(machine, wanted)}: not in the graph, its manifest does not enable it`
    return { text, data: { stages: [{ stage: wanted, runs: false, why: ['not enabled'] }] } }
  }
  const stages = graph
    .filter(({ name }) => wanted === undefined || name === wanted)
    .map(({ name }) => {
      const running = planned.stages.find(({ stage }) => stage === name)
      const reasons = running ? decisionText(running.decision) : [unchanged(recorded.get(name))]
      return {
        stage: name,
        runs: running !== undefined,
        why: reasons.length > 0 ? [...reasons] : ['it was never done'],
      }
    })
  const blocked = [...(planned.held ? [heldText(planned)] : []), ...planned.problems.map(problemText)]
  const lines = stages.map(({ stage, runs, why }) => {
    const verb = blocked.length > 0 && runs ? 'is blocked' : runs ? 'would run' : 'is skipped'
    return `${addressOf(machine, stage)} ${verb}: ${why.join('; ')}`
  })
  return { text: [...lines, ...blocked].join('\n'), data: { action: planned.action, stages, blocked } }
}

function reasons(planned: PlannedMachine): string[] {
  if (planned.held) return [heldText(planned)]
  if (planned.action === 'forget') return ['it is no longer in git: apply forgets it']
  if (planned.action === 'destroy') return ['it is no longer in git, which said on_remove: destroy']
  return planned.problems.map(problemText)
}

function heldText({ name, wave, held }: PlannedMachine): string {
  const of = wave === undefined ? '' : ` of wave ${printable(wave)}`
  return `${addressOf(name)}${of}: ${held?.why}`
}

function unchanged(record: StageRecord | undefined): string {
  return record
    ? `its input is what it was in attempt ${record.attempt} (${record.finishedAt}), and its output is still there`
    : 'it has nothing to do'
}
