import { addressOf } from '../core/address.ts'
import type { CutoverBegun } from '../core/deeds.ts'
import type { FileIdentity } from '../core/image.ts'
import type { Json } from '../core/json.ts'
import { isMap } from '../core/layer.ts'
import type { Machine } from '../core/machine.ts'
import type { Plan, PlannedMachine } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { formatBytes, formatSeconds } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { refusal, undone } from './cutover-refusals.ts'
import { estimateDuration } from './estimate.ts'
import { planMachine } from './plan-machine.ts'
import type { Seen } from './subjects.ts'
import { changedParts, wantedParts } from './wanted-machine.ts'

/**
 * What apply would still do beside copying what the source wrote since. A cutover copies that, and nothing that changed in git
 * goes in with it: so the machine is planned as if its source had not changed. Of `going`, the cutover that it goes on with, all
 * that is left to do is its own last copy, as long as git says what it said when it began.
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
  const { subject } = one
  if (planned.problems.length > 0 || !subject) return undone(planned, record)
  if (going) return changedSince(going, subject.machine, context)
  if (planned.action === 'noop') return []
  const sourceFiles = asRecorded(subject.sourceFiles, state.recordedInput(record.name, 'export'))
  const before = { ...one, subject: { ...subject, sourceFiles } }
  const { machine } = await planMachine(before, record, { redo: [], refresh: false }, context, state, signal)
  return undone(machine, record)
}

function changedSince({ begun, wanted }: CutoverBegun, machine: Machine, context: Context): readonly Problem[] {
  const hint = `h2k rollback ${addressOf(machine.name)}, apply, and cut over anew`
  const refuse = (summary: string, way: string) => [refusal(machine.name, summary, way)]
  if (!wanted) return refuse(`nothing tells whether git changed since its cutover began at ${begun}`, hint)
  const keys = changedParts(wanted, wantedParts(machine, context))
  if (keys.length === 0) return []
  const summary = `git says something else of it than when its cutover began at ${begun}: ${keys.join(', ')}`
  return refuse(summary, `put that back, or ${hint}`)
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
