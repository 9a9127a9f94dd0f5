import { changeText } from '../../core/change-text.ts'
import { acts, type Plan, type PlannedMachine } from '../../core/plan.ts'

/** Machines with which the same happens. */
export interface MachineGroup {
  readonly action: string
  /** Those that run, in their order. */
  readonly stages: string
  readonly wave: string | undefined
  /** The fields that changed, with their values where those are the same for all of them. */
  readonly changes: readonly string[]
  readonly machines: readonly PlannedMachine[]
}

/** The machines of a plan that are not as git says, by what happens to them and in which wave; in the plan's order. */
export function machineGroups({ machines }: Plan): readonly MachineGroup[] {
  const shown = machines.filter(({ action, held }) => action !== 'noop' || held !== undefined)
  const groups = Map.groupBy(shown, keyOf)
  return [...groups.values()].map((group) => {
    const [first] = group as [PlannedMachine, ...PlannedMachine[]]
    return {
      action: actionText(first),
      stages: stagesText(first),
      wave: first.wave,
      changes: changesOf(group),
      machines: group,
    }
  })
}

function keyOf(machine: PlannedMachine): string {
  return JSON.stringify([actionText(machine), stagesText(machine), machine.wave, [...changedFields(machine).keys()]])
}

function changesOf(group: readonly PlannedMachine[]): readonly string[] {
  const [first = new Map<string, string>(), ...rest] = group.map(changedFields)
  return [...first].map(([path, text]) => (rest.every((fields) => fields.get(path) === text) ? text : path))
}

/** Each field that changed, in a line. */
function changedFields({ stages }: PlannedMachine): ReadonlyMap<string, string> {
  const changes = stages.flatMap(({ decision }) => (decision.run && decision.why === 'changed' ? decision.changes : []))
  return new Map(changes.map((change) => [change.path, changeText(change)]))
}

/** What acting on some machines reads and, at most, writes. */
export function bytesOf(machines: readonly PlannedMachine[]): { readonly reads: number; readonly writes: number } {
  const active = machines.filter(acts)
  return {
    reads: active.reduce((sum, { readBytes }) => sum + readBytes, 0),
    writes: active.reduce((sum, { writeBytes }) => sum + writeBytes, 0),
  }
}

const waiting = {
  suspended: 'suspended',
  dry_run: 'dry run',
  dependency: 'waits for another machine',
  wave: 'waits for its wave',
  pause: 'waits for a pause to end',
  window: 'waits for its window',
}

function actionText({ action, held }: PlannedMachine): string {
  if (!held) return action === 'blocked' ? 'cannot be planned' : action
  return held.by === 'suspended' ? waiting.suspended : `${action}, ${waiting[held.by]}`
}

function stagesText({ stages }: PlannedMachine): string {
  return stages.map(({ stage }) => stage).join(', ')
}
