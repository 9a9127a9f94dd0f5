import { type Decision, decide } from '../core/decision.ts'
import type { StageOutputs } from '../core/outputs.ts'
import type { StageRecord } from '../core/record.ts'
import type { StageName } from '../core/stage-names.ts'
import type { Context } from './context.ts'
import { decideStage, type Recorded } from './decide-stage.ts'
import type { Stage, Subject } from './stage.ts'

export interface DecidedStage {
  readonly stage: Stage
  readonly decision: Decision
}

/**
 * Walks a machine's graph, or the rest of it after stages with these outputs. What comes after a stage that runs runs too, as
 * far as anyone can tell before; and a stage whose result was only kept for those after it runs again when it is gone and
 * one of them needs it.
 */
export async function decideStages(
  stages: readonly Stage[],
  subject: Subject,
  upstream: Partial<StageOutputs>,
  recorded: Recorded,
  context: Context,
  signal: AbortSignal,
): Promise<readonly DecidedStage[]> {
  const needed = new Map<StageName, StageName>()
  for (;;) {
    const decided = await walk(stages, subject, upstream, recorded, context, needed, signal)
    const missing = recorded.refresh ? firstMissing(decided, subject, recorded, context) : undefined
    if (!missing) return decided
    needed.set(missing.stage, missing.by)
  }
}

/**
 * Whether a stage in which nothing changed runs again, in the middle of a run: when what it left is gone and a later stage is
 * going to read it.
 */
export async function readAgain(
  { name, gone }: Stage,
  stages: readonly Stage[],
  subject: Subject,
  upstream: Partial<StageOutputs>,
  recorded: Recorded,
  context: Context,
  signal: AbortSignal,
): Promise<Decision> {
  const output = recorded.record(name)?.output
  if (output === undefined || !gone(output, context)) return { run: false }
  const later = stages.slice(stages.findIndex((stage) => stage.name === name) + 1)
  const decided = await decideStages(later, subject, { ...upstream, [name]: output }, recorded, context, signal)
  const by = readerOf(decided, name, subject)
  return by === undefined ? { run: false } : { run: true, why: 'needed', stage: by }
}

// Which of the later stages will run and read what a stage left.
function readerOf(decided: readonly DecidedStage[], name: StageName, { machine }: Subject): StageName | undefined {
  return decided.find(({ stage, decision }) => decision.run && stage.reads(machine).includes(name))?.stage.name
}

function firstMissing(decided: readonly DecidedStage[], subject: Subject, recorded: Recorded, context: Context) {
  for (const [index, { stage, decision }] of decided.entries()) {
    const output = recorded.record(stage.name)?.output
    if (decision.run || output === undefined) continue
    const by = readerOf(decided.slice(index + 1), stage.name, subject)
    if (by !== undefined && stage.gone(output, context)) return { stage: stage.name, by }
  }
  return undefined
}

async function walk(
  stages: readonly Stage[],
  subject: Subject,
  before: Partial<StageOutputs>,
  recorded: Recorded,
  context: Context,
  needed: ReadonlyMap<StageName, StageName>,
  signal: AbortSignal,
): Promise<DecidedStage[]> {
  const upstream: Record<string, unknown> = { ...before }
  const running = new Set<string>()
  const decided: DecidedStage[] = []
  for (const stage of stages) {
    const { name } = stage
    const known = recorded.record(name)
    const after = stage.after.find((one) => running.has(one))
    const by = needed.get(name)
    let decision: Decision
    if (after !== undefined && known?.status === 'done') decision = { run: true, why: 'upstream', stage: after }
    else if (after !== undefined) decision = waiting(known)
    else if (by !== undefined) decision = { run: true, why: 'needed', stage: by }
    else {
      const prepared = stage.prepare(subject, upstream as Partial<StageOutputs>, context)
      decision = await decideStage(stage, prepared, recorded, context, signal)
    }
    if (decision.run && !stage.gate) running.add(name)
    if (!decision.run) upstream[name] = known?.output
    decided.push({ stage, decision })
  }
  return decided
}

// Its input is not known yet, so all there is to say is how its last attempt ended.
function waiting(recorded: StageRecord | undefined): Decision {
  if (!recorded) return { run: true, why: 'first' }
  const never = { record: recorded, fingerprint: '', input: () => null, redo: false }
  return decide({ ...never, recordedInput: () => undefined })
}
