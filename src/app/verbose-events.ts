import { addressOf } from '../core/address.ts'
import type { Emit } from '../core/events.ts'
import { isStageName } from '../core/stage-names.ts'
import { verboseLines } from '../core/verbose.ts'
import type { Run } from './run-stage.ts'
import type { Subject } from './stage.ts'

const secondsBetweenProgress = 1

/** Says more of the machines that ask for it by `options.verbose`: as events, and in the machine's log of the run. */
export function verboseEvents(
  subjects: ReadonlyMap<string, Subject>,
  { context, writer, emit }: Pick<Run, 'context' | 'writer' | 'emit'>,
): Emit {
  const told = new Map<string, number>()
  return (event) => {
    emit(event)
    if (!('machine' in event && 'stage' in event)) return
    const { machine, stage } = event
    if (!isStageName(stage)) return
    const level = subjects.get(machine)?.machine.steering.verbose ?? 0
    if (level === 0) return
    if (event.type === 'stage_progress') {
      const now = context.clock.seconds()
      if (now - (told.get(machine) ?? Number.NEGATIVE_INFINITY) < secondsBetweenProgress) return
      told.set(machine, now)
    }
    for (const text of verboseLines(event, level)) {
      emit({ type: 'log', machine, stage, text })
      context.log(writer.runId, machine, `--- ${context.clock.now()} ${addressOf(machine, stage)} ${text}\n`)
    }
  }
}
