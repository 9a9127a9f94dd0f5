import { addressOf } from '../core/address.ts'
import type { HookPoint } from '../core/hook.ts'
import { ProblemError } from '../core/problem.ts'
import type { RecordedName } from '../core/stage-names.ts'
import { hookContext } from './hook-context.ts'
import type { Run } from './run-stage.ts'
import type { Subject } from './stage.ts'
import { hooksAt } from './stage-hooks.ts'

/**
 * Runs the hooks at these points, one after the other. One that fails ends them, unless it says `continue_on_error`.
 * @throws ProblemError of the hook that failed
 */
export async function runHooks(
  points: readonly HookPoint[],
  stage: RecordedName,
  { machine }: Subject,
  run: Pick<Run, 'context' | 'writer' | 'emit' | 'signal'>,
): Promise<void> {
  const { context, writer, emit, signal } = run
  for (const { point, hook } of points.flatMap((each) => hooksAt(each, machine.hooks))) {
    const told = hookContext(machine, point, writer.runId, context)
    const log = (text: string) => context.log(writer.runId, machine.name, text)
    log(`--- ${context.clock.now()} ${addressOf(machine.name, stage)} ${point}: ${hook.name}\n`)
    const { outcome, attempts, seconds, problem } = await context.hooks.run(hook, told, { signal, log })
    log(`\n--- ${outcome} after ${attempts} attempt(s)${problem ? `: ${problem.summary}` : ''}\n`)
    emit({ type: 'hook_done', machine: machine.name, stage, point, hook: hook.name, outcome, attempts, seconds })
    if (outcome !== 'failed' || !problem) continue
    if (!hook.continueOnError) throw new ProblemError([problem])
    emit({ type: 'diagnostic', problem: { ...problem, severity: 'warning', address: addressOf(machine.name, stage) } })
  }
}
