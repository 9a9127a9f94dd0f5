import { addressOf } from '../core/address.ts'
import type { Decision } from '../core/decision.ts'
import { cutoverStanding } from '../core/deeds.ts'
import type { Emit } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import type { Machine } from '../core/machine.ts'
import type { StageOutputs } from '../core/outputs.ts'
import { type Problem, problemsOf, problemsOrBug } from '../core/problem.ts'
import type { StageRecord } from '../core/record.ts'
import type { RecordedName, StageName } from '../core/stage-names.ts'
import type { StateStore, StateWriter } from '../ports/state.ts'
import type { Work } from '../ports/work.ts'
import type { Context } from './context.ts'
import { decideStage, type Recorded } from './decide-stage.ts'
import { readAgain } from './decide-stages.ts'
import { logFailure } from './log-failure.ts'
import { runHooks } from './run-hooks.ts'
import { isRedone } from './selection.ts'
import type { Prepared, Stage, Subject } from './stage.ts'
import { hooksAround } from './stage-hooks.ts'
import { toolVersions } from './tool-versions.ts'
import { whyRun } from './why-run.ts'

// How far a stage is, for those who ask the state: seldom, since each write is flushed.
const secondsBetweenWrites = 2

/** Where a test may stop the program: around the writes that resume relies on. */
export const failurePoints = ['before-intent', 'after-intent', 'in-effect', 'after-effect', 'after-done'] as const
export type FailurePoint = (typeof failurePoints)[number]

/** Called at each failure point; a test makes it throw, or end the program. */
export type Reached = (machine: string, work: RecordedName | 'destroy', point: FailurePoint) => void

/** What all stages of a run share. */
export interface Run {
  readonly context: Context
  readonly state: StateStore
  readonly writer: StateWriter
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly redo: readonly string[]
  /** The graph of a machine. */
  stagesOf(machine: Machine): readonly Stage[]
  readonly reached: Reached
}

/** A stage failed; why is in the state and in its event. */
export class StageFailure extends Error {
  override readonly name = 'StageFailure'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[], options: ErrorOptions) {
    super(problems.map((problem) => problem.summary).join('\n'), options)
    this.problems = problems
  }
}

/**
 * The one place that skips or runs a stage. Writes down that it begins before it acts, and that it is done after.
 * @returns the stage's output, recorded or new
 * @throws StageFailure; whatever the state's writer throws
 */
export async function runStage(
  stage: Stage,
  subject: Subject,
  upstream: Partial<StageOutputs>,
  run: Run,
): Promise<Json> {
  const { context, emit } = run
  const machine = subject.machine.name
  const recorded = recordedOf(machine, run)
  const record = recorded.record(stage.name)
  const { prepared, decision } = await alone(stage, subject, run, record, async () => {
    const prepared = stage.prepare(subject, upstream, context)
    const own = await decideStage(stage, prepared, recorded, context, run.signal)
    const decision = own.run
      ? own
      : await readAgain(stage, run.stagesOf(subject.machine), subject, upstream, recorded, context, run.signal)
    return { prepared, decision }
  })
  if (!decision.run && record?.output !== undefined) {
    emit({ type: 'stage_skipped', machine, stage: stage.name, why: 'unchanged' })
    return record.output
  }
  return await attempt(stage, subject, prepared, record, decision, run)
}

function recordedOf(machine: string, { state, redo, writer }: Run): Recorded {
  const stages = state.machine(machine)?.stages
  return {
    record: (stage) => stages?.get(stage),
    recordedInput: (stage) => state.recordedInput(machine, stage),
    redo: (stage) => isRedone(redo, machine, stage) && stages?.get(stage)?.runId !== writer.runId,
    artifacts: () => state.artifacts(machine),
    cutover: () => cutoverStanding(state.machine(machine)),
    refresh: true,
  }
}

// What goes wrong before a stage even begins, such as a hook whose file is gone by now, is this machine's failure only.
async function alone<T>(
  stage: Stage,
  subject: Subject,
  run: Run,
  record: StageRecord | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { name: machine } = subject.machine
    const problems = problemsIn(error, machine, stage.name, run.signal)
    if (!run.signal.aborted) logFailure(machine, stage.name, problems, run)
    const failed = { type: 'stage_failed', machine, stage: stage.name, seconds: 0, retryable: true } as const
    run.emit({ ...failed, attempt: (record?.attempt ?? 0) + 1, interrupted: run.signal.aborted, problems })
    throw new StageFailure(problems, { cause: error })
  }
}

async function attempt(
  stage: Stage,
  subject: Subject,
  prepared: Prepared,
  record: StageRecord | undefined,
  decision: Decision,
  run: Run,
): Promise<Json> {
  const { name: machine, file, steering } = subject.machine
  const { onRemove } = steering
  const { context, writer, emit, signal } = run
  const count = (record?.attempt ?? 0) + 1
  const id = { machine, stage: stage.name }
  const begun = context.clock.seconds()
  const outcome = () => ({ ...id, finishedAt: context.clock.now(), seconds: context.clock.seconds() - begun })
  const { input, fingerprint, bytes } = prepared
  // Also of a stage that failed: what it did before is not what was asked for.
  const anew = recordedOf(machine, run).redo(stage.name)
  run.reached(machine, stage.name, 'before-intent')
  await writer.started({
    ...id,
    file,
    onRemove,
    attempt: count,
    fingerprint,
    input,
    bytes,
    startedAt: context.clock.now(),
  })
  let output: Json
  try {
    run.reached(machine, stage.name, 'after-intent')
    emit({ ...id, type: 'stage_start', attempt: count, bytes, why: whyRun(decision) })
    const hooks = hooksAround(stage.name, subject.machine)
    await runHooks(hooks.before, stage.name, subject, run)
    output = await prepared.run(context, workFor(stage.name, machine, count, bytes, begun, anew, run))
    await runHooks(hooks.after, stage.name, subject, run)
    signal.throwIfAborted()
    run.reached(machine, stage.name, 'after-effect')
  } catch (error) {
    const problems = problemsIn(error, machine, stage.name, signal)
    const message = problems.map(({ summary }) => summary).join('; ')
    const interrupted = signal.aborted
    const ended = outcome()
    if (!interrupted) {
      logFailure(machine, stage.name, problems, run)
      await tellFailure(stage.name, subject, run)
    }
    await writer.failed({ ...ended, status: interrupted ? 'interrupted' : 'failed', message })
    emit({
      ...id,
      type: 'stage_failed',
      attempt: count,
      seconds: ended.seconds,
      interrupted,
      retryable: true,
      problems,
    })
    throw new StageFailure(problems, { cause: error })
  }
  const ended = outcome()
  await writer.done({ ...ended, output, tools: await toolVersions(stage.tools, context, signal) })
  emit({ ...id, type: 'stage_done', attempt: count, seconds: ended.seconds, bytes, evidence: output })
  run.reached(machine, stage.name, 'after-done')
  return output
}

/** Runs the hooks for failures. What one does wrong is told, and changes nothing about the failure that it was called for. */
export async function tellFailure(
  stage: RecordedName,
  subject: Subject,
  run: Pick<Run, 'context' | 'writer' | 'emit' | 'signal'>,
): Promise<void> {
  try {
    await runHooks(['on_failure'], stage, subject, run)
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    for (const problem of problems) run.emit({ type: 'diagnostic', problem })
  }
}

function workFor(
  stage: StageName,
  machine: string,
  attempt: number,
  bytes: number,
  begun: number,
  anew: boolean,
  run: Run,
): Work {
  const { writer, state, emit, context, signal } = run
  let reported = false
  let written = begun
  return {
    signal,
    anew,
    progress(bytesDone) {
      if (!reported) run.reached(machine, stage, 'in-effect')
      reported = true
      if (bytes === 0) return
      const seconds = context.clock.seconds() - begun
      const rate = seconds > 0 ? bytesDone / seconds : 0
      const left = rate > 0 ? { eta: (bytes - bytesDone) / rate } : {}
      if (context.clock.seconds() - written >= secondsBetweenWrites) {
        written = context.clock.seconds()
        writer.progressed(machine, stage, bytesDone)
      }
      emit({ type: 'stage_progress', machine, stage, attempt, bytes: bytesDone, total: bytes, rate, ...left })
    },
    owned: (path) => {
      const artifact = state.artifact(path)
      return artifact?.machine === machine ? artifact : undefined
    },
    artifacts: () => state.artifacts(machine),
    cutover: () => cutoverStanding(state.machine(machine)),
    logFile: (name) => context.logFile(writer.runId, machine, name),
    intend: (path, fingerprint) => writer.intend({ path, machine, stage, fingerprint }),
    made: (path, evidence) => writer.made(path, evidence),
    removed: (path) => writer.removed(path),
  }
}

function problemsIn(error: unknown, machine: string, stage: StageName, signal: AbortSignal): readonly Problem[] {
  const address = addressOf(machine, stage)
  if (signal.aborted) return [{ severity: 'error', code: 'INTERRUPTED', summary: 'stopped by a signal', address }]
  return problemsOrBug(error).map((problem) => ({ address, ...problem }))
}
