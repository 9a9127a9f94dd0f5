import { type Candidate, heldBack } from '../core/held.ts'
import { acts, type Plan, type PlannedMachine, type PlannedWave } from '../core/plan.ts'
import type { MachineRecord } from '../core/record.ts'
import type { WaveRule } from '../core/waves.ts'
import { windowText } from '../core/window.ts'
import type { Seen } from './subjects.ts'

/** Marks the machines of a plan that have to wait, and puts all in the order in which they go. */
export function holdBack(
  machines: readonly PlannedMachine[],
  seen: readonly Seen[],
  records: ReadonlyMap<string, MachineRecord>,
  waves: readonly WaveRule[],
  now: string,
): Pick<Plan, 'machines' | 'waves'> {
  const desired = new Map(seen.map((one) => [one.desired.name, one]))
  const waveOf = ({ name }: PlannedMachine) => desired.get(name)?.desired.wave?.index ?? waves.length
  const candidates = machines
    .filter(({ name }) => desired.has(name))
    .map((machine): Candidate => {
      const one = desired.get(machine.name)
      return {
        name: machine.name,
        works: acts(machine),
        blocked: machine.action === 'blocked',
        dryRun: one?.subject?.machine.steering.dryRun ?? false,
        wave: waveOf(machine),
        dependsOn: one?.desired.dependsOn ?? [],
        ...(machine.held ? { suspended: machine.held } : {}),
      }
    })
  const held = heldBack(candidates, { waves, now, wasDone: (name) => isDone(records.get(name)) })
  const ordered = machines
    .map((machine) => ({ machine, wave: waveOf(machine) }))
    .toSorted((a, b) => a.wave - b.wave || (a.machine.name < b.machine.name ? -1 : 1))
    .map(({ machine }): PlannedMachine => {
      const why = held.get(machine.name)
      return why ? { ...machine, held: why } : machine
    })
  return { ...(waves.length > 0 ? { waves: plannedWaves(waves, ordered) } : {}), machines: ordered }
}

function plannedWaves(waves: readonly WaveRule[], machines: readonly PlannedMachine[]): readonly PlannedWave[] {
  return waves.flatMap(({ name, pauseAfter, window }) => {
    const count = machines.filter(({ wave }) => wave === name).length
    return count === 0 ? [] : { name, pauseAfter, machines: count, ...(window ? { window: windowText(window) } : {}) }
  })
}

/** Whether everything of a machine was done when it was last worked on. */
export function isDone(record: MachineRecord | undefined): boolean {
  const stages = [...(record?.stages.values() ?? [])]
  return stages.every(({ status }) => status === 'done') && stages.some(({ stage }) => stage === 'publish')
}
