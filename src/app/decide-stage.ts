import { type Decision, decide } from '../core/decision.ts'
import type { Json } from '../core/json.ts'
import type { StageRecord } from '../core/record.ts'
import type { StageName } from '../core/stage-names.ts'
import type { Context } from './context.ts'
import type { Prepared, Stage } from './stage.ts'
import type { Known } from './whereabouts.ts'

/** What is known of a machine's stages. */
export interface Recorded extends Known {
  record(stage: StageName): StageRecord | undefined
  recordedInput(stage: StageName): Json | undefined
  redo(stage: StageName): boolean
  /** Whether to look if what was recorded is still there. */
  readonly refresh: boolean
}

/**
 * Whether a stage runs: by what git wants and the state recorded, and only where these agree by what is there.
 * @throws ProblemError of what could not be looked at
 */
export async function decideStage(
  stage: Stage,
  prepared: Pick<Prepared, 'input' | 'fingerprint'>,
  recorded: Recorded,
  context: Context,
  signal: AbortSignal,
): Promise<Decision> {
  const { name } = stage
  const record = recorded.record(name)
  const redo = recorded.redo(name)
  const { fingerprint } = prepared
  const inputs = { input: () => prepared.input, recordedInput: () => recorded.recordedInput(name) }
  const decision = decide({ record, fingerprint, redo, ...inputs })
  if (decision.run || !recorded.refresh || record?.output === undefined) return decision
  const reason = await stage.broken(record.output, context, recorded, signal)
  return reason === undefined ? decision : { run: true, why: 'broken', reason }
}
