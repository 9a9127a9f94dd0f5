import { type ApplyResult, applyWorkspace } from '../app/apply-workspace.ts'
import type { PlanOptions } from '../app/plan-workspace.ts'
import type { Session } from '../app/session.ts'
import { addressOf } from '../core/address.ts'
import { hasChanges, type Plan, waits } from '../core/plan.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import { staleProblems } from '../core/stale-machines.ts'
import { formatCount } from '../core/units.ts'
import { planJson } from '../render/plan-json.ts'
import { planText } from '../render/plan-text.ts'
import { waitingText } from '../render/waiting-text.ts'
import { ask } from './ask.ts'
import type { Outcome } from './base-command.ts'
import { connectWorkspace } from './connect-workspace.ts'
import type { EventStream } from './event-stream.ts'
import { exitCodeOf } from './exit-code.ts'
import { type Interrupts, listenForInterrupts } from './interrupt.ts'
import { metricsFile } from './metrics-file.ts'
import { readPlanFile, requireNoPlanKeys, requireTrusted } from './plan-file.ts'
import { emitPlan } from './planned-changes.ts'
import { type Display, showRun } from './progress.ts'

const shownProblems = 20

interface ApplyFlags {
  readonly folder: string
  readonly file: string | undefined
  readonly options: PlanOptions
  readonly autoApprove: boolean
  readonly allOrNothing: boolean
  readonly parallel: number | undefined
  readonly color: boolean
  /** Where to keep metrics. */
  readonly metrics?: string | undefined
}

interface Output {
  say(text: string): void
  report(problems: readonly Problem[]): void
  readonly stream: EventStream | undefined
}

/** `h2k apply`: plan, ask, run, tell what a next run will do. */
export async function runApply(flags: ApplyFlags, output: Output): Promise<Outcome> {
  const interrupts = listenForInterrupts((text) => output.say(text))
  try {
    const session = await connectWorkspace(flags.folder)
    const { context } = session
    const limits = { ...context.concurrency, ...(flags.parallel ? { global: flags.parallel } : {}) }
    const metrics = metricsFile(flags.metrics, session)
    const saved = flags.file === undefined ? undefined : await readPlanFile(flags.file, session)
    if (flags.file !== undefined && saved) await requireTrusted(saved, flags.file, session)
    else if (!flags.options.destroy) requireNoPlanKeys(session)
    const result = await applyWorkspace(
      { ...session, context: { ...context, concurrency: limits } },
      {
        options: flags.options,
        ...(saved ? { saved } : {}),
        allOrNothing: flags.allOrNothing,
        interrupted: interrupts.exitCode,
        notify: (event) => output.stream?.emit(event),
        approve: (plan) => approve(plan, flags, saved !== undefined, output, interrupts),
        show: (work) =>
          showRun(display(output, session.clock), (emit) => {
            interrupts.tellInstead((summary) => {
              emit({ type: 'diagnostic', problem: { severity: 'warning', code: 'INTERRUPTED', summary } })
            })
            return work((event) => {
              metrics.take(event)
              emit(event)
            })
          }),
      },
      interrupts.signal,
    ).catch(async (error) => {
      output.report(await metrics.end(undefined, 0, interrupts.exitCode() ?? exitCodeOf(problemsOf(error) ?? [])))
      throw error
    })
    const exitCode = interrupts.exitCode() ?? result.exitCode
    output.report(await metrics.end(result.plan, waitingNames(result.plan, result.applied).length, exitCode))
    if (!hasChanges(result.plan)) output.say(planText(result.plan, flags.color))
    reportFew([...staleProblems(result.stale), ...result.problems, ...(result.applied?.problems ?? [])], output)
    for (const line of closingLines(result)) output.say(line)
    if (result.approved)
      for (const line of waitingText(result.plan, result.applied?.held ?? new Map())) output.say(line)
    return { exitCode, data: resultJson(result) }
  } catch (error) {
    const exitCode = interrupts.exitCode()
    const problems = problemsOf(error)
    if (exitCode === undefined || !problems) throw error
    output.report(problems)
    return { exitCode }
  } finally {
    interrupts.stop()
  }
}

function display({ stream }: Output, clock: Session['clock']): Display {
  if (stream) return { kind: 'json', stream }
  return process.stdout.isTTY && process.env.TERM !== 'dumb'
    ? { kind: 'terminal', output: process.stdout, clock }
    : { kind: 'lines', output: process.stdout }
}

// After hundreds of failures the end of the output still has to be the summary; as events all are told.
function reportFew(problems: readonly Problem[], { report, say, stream }: Output): void {
  report(stream ? problems : problems.slice(0, shownProblems))
  const rest = problems.length - shownProblems
  if (rest > 0) say(`… and ${formatCount(rest, 'problem')} more: h2k state list shows where each machine stands`)
}

async function approve(
  plan: Plan,
  { autoApprove, color }: ApplyFlags,
  reviewed: boolean,
  { say, stream }: Output,
  { signal }: Interrupts,
): Promise<boolean> {
  if (stream) emitPlan(plan, stream.emit)
  say(planText(plan, color))
  say('')
  if (autoApprove || reviewed) return true
  const hint = 'h2k apply --auto-approve, or review h2k plan --out FILE and h2k apply FILE'
  return await ask(hint, stream === undefined, signal)
}

function closingLines({ applied, approved }: ApplyResult): string[] {
  if (!approved) return ['Not approved: nothing was done.']
  if (!applied) return []
  const { done, failed, interrupted, forgotten, destroyed, held, unchanged } = applied
  const parts = [
    `${done.length} done`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(interrupted.length > 0 ? [`${interrupted.length} interrupted`] : []),
    ...(forgotten.length > 0 ? [`${forgotten.length} forgotten`] : []),
    ...(destroyed.length > 0 ? [`${destroyed.length} destroyed`] : []),
    `${unchanged} unchanged`,
    ...(held.size > 0 ? [`${held.size} not begun`] : []),
  ]
  const open = [...failed, ...interrupted]
  return [
    `Apply: ${parts.join(', ')}.`,
    ...(open.length > 0
      ? [
          `h2k apply goes on with ${open.length <= 3 ? open.map((name) => addressOf(name)).join(', ') : formatCount(open.length, 'machine')} where it stopped.`,
        ]
      : []),
  ]
}

function resultJson({ plan, applied, approved, stale, problems }: ApplyResult) {
  const { done = [], failed = [], interrupted = [], forgotten = [], destroyed = [] } = applied ?? {}
  return {
    approved,
    done,
    failed,
    interrupted,
    forgotten,
    destroyed,
    waiting: waitingNames(plan, applied),
    stale: stale.length,
    problems: problems.length,
    plan: planJson(plan),
  }
}

function waitingNames(plan: Plan, applied: ApplyResult['applied']): string[] {
  return [...plan.machines.filter(waits).map(({ name }) => name), ...(applied?.held.keys() ?? [])]
}
