import type { Plan } from '../core/plan.ts'
import { acts, type PlannedMachine, waits } from '../core/plan.ts'
import type { PolicyView, WaveStanding } from '../core/policy/policy.ts'
import { shownPath } from '../core/relocate.ts'
import type { Desired } from '../core/resolve-machine.ts'
import { suspension } from '../core/suspension.ts'
import type { StateStore } from '../ports/state.ts'
import { copyRate } from './estimate.ts'
import { isDone } from './hold-back.ts'
import type { Survey } from './plan-workspace.ts'
import type { Session } from './session.ts'

/** What rules look at, of a plan and what was surveyed for it; `judged` are the machines of it that they are asked about. */
export function policyView(
  plan: Plan,
  { seen, waves, inWaves }: Pick<Survey, 'seen' | 'waves' | 'inWaves'>,
  state: StateStore,
  { clock, files, encryptionOf }: Pick<Session, 'clock' | 'files' | 'encryptionOf'>,
  judged: (planned: PlannedMachine) => boolean = (planned) => acts(planned) || waits(planned),
): PolicyView {
  const byName = new Map(seen.map((one) => [one.desired.name, one]))
  const { rate } = copyRate(state)
  const shown = (path: string) => shownPath(path, files.root)
  const copyOf = ({ writeBytes }: PlannedMachine) => (writeBytes > 0 ? { copySeconds: writeBytes / rate } : {})
  const machines = plan.machines.filter(judged).map((planned) => {
    const one = byName.get(planned.name)
    if (!one?.subject) return { planned, ...copyOf(planned) }
    const { machine, described } = one.subject
    const { manifest } = one.desired
    return { planned, machine, manifest, ...(described ? { described } : {}), ...copyOf(planned) }
  })
  return {
    plan,
    machines,
    waves: waves.map(({ name }) => name),
    standings: standingsOf(inWaves, state, clock.now()),
    encryptionOf,
    shown,
  }
}

/** Those that git leaves as they are do not count. */
function standingsOf(machines: readonly Desired[], state: StateStore, now: string): readonly WaveStanding[] {
  if (machines.length === 0) return []
  const records = state.machines()
  return machines.flatMap(({ name, wave, manifest }) => {
    if (!wave || suspension(manifest, now)) return []
    return { name, wave: wave.index, done: isDone(records.get(name)) }
  })
}
