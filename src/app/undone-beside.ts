import type { CutoverBegun } from '../core/deeds.ts'
import type { FileIdentity } from '../core/image.ts'
import type { Json } from '../core/json.ts'
import { isMap } from '../core/layer.ts'
import type { Plan, PlannedMachine } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { formatBytes, formatSeconds } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { undone } from './cutover-refusals.ts'
import { estimateDuration } from './estimate.ts'
import { planMachine } from './plan-machine.ts'
import type { Seen } from './subjects.ts'

/**
 * What apply would still do beside copying what the source wrote since. A cutover copies that, and nothing that changed in git
 * goes in with it: so the machine is planned as if its source had not changed. `going` is the cutover that it goes on with.
 */
export async function undoneBeside(
  one: Seen,
  planned: PlannedMachine,
  record: MachineRecord,
  going: CutoverBegun | undefined,
  context: Context,
  state: StateStore,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  if (planned.problems.length > 0 || planned.action === 'noop' || !one.subject) return undone(planned, record)
  const sourceFiles = asRecorded(one.subject.sourceFiles, state.recordedInput(record.name, 'export'))
  const before = { ...one, subject: { ...one.subject, sourceFiles } }
  const { machine } = await planMachine(before, record, { redo: [], refresh: false }, context, state, signal)
  // Its own last copy, which was stopped.
  const resumes = machine.stages.some(({ decision }) => decision.run && decision.why === 'resume')
  return going && resumes ? [] : undone(machine, record)
}

function asRecorded(files: readonly FileIdentity[], input: Json | undefined): readonly FileIdentity[] {
  const recorded = isMap(input) && Array.isArray(input.files) ? (input.files as unknown as readonly FileIdentity[]) : []
  return files.map((file, index) => {
    const { bytes, modified } = recorded[index] ?? file
    return { ...file, bytes, modified }
  })
}

/** Where the last copy has too little room. */
export function shortOf({ space }: Pick<Plan, 'space'>): readonly Problem[] {
  return space
    .filter(({ neededBytes, freeBytes }) => neededBytes > freeBytes)
    .map(({ path, neededBytes, freeBytes }) => ({
      severity: 'error',
      code: 'SPACE_SHORT',
      summary: `${path} needs up to ${formatBytes(neededBytes)} for the last copy and has ${formatBytes(freeBytes)} free`,
      hint: 'make room',
    }))
}

/** How much the last copy is by now, for a reader. */
export function copiesText(planned: PlannedMachine, context: Context, state: StateStore): string {
  const duration = estimateDuration([planned], context, state)
  if (!duration) return ''
  return `: ${formatBytes(planned.readBytes)} to read by now, about ${formatSeconds(duration.seconds)} (${duration.basis})`
}
