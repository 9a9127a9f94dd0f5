import { anchoredPattern } from './anchored-pattern.ts'
import { globMatcher } from './glob.ts'
import type { Issue } from './language/check.ts'
import type { Vmware2scwPlan } from './language/vmware2scw.ts'
import { createWaves, unknownWave, type Wave } from './waves.ts'

/** A machine of the source. */
export interface Candidate {
  readonly name: string
  /** Such as `/DC1/Production`. */
  readonly folder?: string
  readonly tags?: readonly string[]
}

type Entry = Vmware2scwPlan['migrations'][number]
type PauseAfter = Vmware2scwPlan['waves'][number]['pause_after']

/** A machine with what its entry and the plan's defaults say about it. */
export interface PlannedMachine<C extends Candidate = Candidate> {
  readonly machine: C
  /** The entry's index in `migrations`. */
  readonly entry: number
  readonly priority: number
  readonly targetType?: string
  readonly zone: string
  readonly sizing: 'exact' | 'optimize' | 'cost'
  readonly tags: readonly string[]
  /** Source network: network on the target. */
  readonly networks: Readonly<Record<string, string>>
  readonly skipValidation: boolean
}

/** Machines that go together, by priority, then as the plan lists them. */
export interface PlannedGroup<C extends Candidate = Candidate> {
  readonly name: string
  /** The index in `waves`; absent for a group that the plan does not name. */
  readonly wave?: number
  readonly pauseAfter: PauseAfter
  readonly maxParallel?: number
  readonly machines: readonly PlannedMachine<C>[]
}

export interface Selection<C extends Candidate = Candidate> {
  /** In the order in which they go; none is empty. */
  readonly groups: readonly PlannedGroup<C>[]
  /** With the index in `exclude`, whether or not an entry would have taken them. */
  readonly excluded: readonly { readonly machine: C; readonly by: number }[]
  /** Entries that take no machine, by their index in `migrations`. */
  readonly idle: readonly number[]
}

/** Which machines a plan of vmware2scw takes, and in which order; or what is wrong with the plan. */
export function selectPlanned<C extends Candidate>(
  plan: Vmware2scwPlan,
  machines: readonly C[],
): Selection<C> | { readonly issues: readonly Issue[] } {
  const issues: Issue[] = waveIssues(plan)
  const excludes = plan.exclude.map((entry, index) => matcherOf(entry, ['exclude', index], issues))
  const entries = plan.migrations.map((entry, index) => matcherOf(entry, ['migrations', index], issues))
  if (issues.length > 0) return { issues }
  const excluded: { machine: C; by: number }[] = []
  const planned: PlannedMachine<C>[] = []
  for (const machine of machines) {
    const by = excludes.findIndex((matches) => matches(machine))
    const index = entries.findIndex((matches) => matches(machine))
    const entry = plan.migrations[index]
    if (by !== -1) excluded.push({ machine, by })
    else if (entry !== undefined) planned.push({ machine, entry: index, ...settingsOf(entry, plan.defaults) })
  }
  const inOrder = planned.toSorted((a, b) => a.priority - b.priority || a.entry - b.entry)
  const used = new Set(planned.map(({ entry }) => entry))
  const idle = plan.migrations.flatMap((_, index) => (used.has(index) ? [] : [index]))
  return { groups: plan.waves.length > 0 ? byWave(plan, inOrder) : byPriority(inOrder), excluded, idle }
}

type Selector = Pick<Entry, 'vm_name' | 'vm_pattern' | 'vm_regex'> & Partial<Pick<Entry, 'vm_folder' | 'vm_tag'>>

function matcherOf(selector: Selector, path: Issue['path'], issues: Issue[]): (machine: Candidate) => boolean {
  const { vm_name: name, vm_pattern: pattern, vm_regex: regex, vm_folder: folder, vm_tag: tag } = selector
  if (name !== undefined) return (machine) => machine.name === name
  if (pattern !== undefined) {
    const matches = globMatcher(pattern)
    return (machine) => matches(machine.name)
  }
  if (folder !== undefined) return (machine) => machine.folder?.startsWith(folder) ?? false
  if (tag !== undefined) return (machine) => machine.tags?.includes(tag) ?? false
  const matches = anchoredPattern(regex ?? '')
  if (typeof matches === 'function') return (machine) => matches(machine.name)
  const hint = 'regular expressions are those of RE2: without look-around and back references'
  issues.push({ code: 'VALUE_INVALID', path: [...path, 'vm_regex'], summary: `vm_regex: ${matches.fault}`, hint })
  return () => false
}

function settingsOf(entry: Entry, defaults: Vmware2scwPlan['defaults']): Omit<PlannedMachine, 'machine' | 'entry'> {
  return {
    priority: entry.priority,
    ...(entry.target_type === undefined ? {} : { targetType: entry.target_type }),
    zone: entry.zone ?? defaults.zone,
    sizing: entry.sizing_strategy ?? defaults.sizing_strategy,
    tags: [...new Set([...defaults.tags, ...entry.tags])],
    networks: { ...defaults.network_mapping, ...entry.network_mapping },
    skipValidation: entry.skip_validation ?? defaults.skip_validation,
  }
}

const wavesOf = (plan: Vmware2scwPlan): readonly Wave[] => plan.waves.map(({ name, vms }) => ({ name, machines: vms }))

function byWave<C extends Candidate>(
  plan: Vmware2scwPlan,
  planned: readonly PlannedMachine<C>[],
): readonly PlannedGroup<C>[] {
  const waves = createWaves(wavesOf(plan))
  const members = Map.groupBy(planned, ({ machine, entry }) => {
    return waves.indexOf({ name: machine.name, wave: plan.migrations[entry]?.wave })
  })
  const rest: Vmware2scwPlan['waves'][number] = { name: 'rest', vms: [], pause_after: 'pause_on_failure' }
  return [...plan.waves, rest].flatMap(({ name, pause_after: pauseAfter, max_parallel: most }, index) => {
    const machines = members.get(index)
    if (!machines) return []
    const wave = index < plan.waves.length ? { wave: index } : {}
    return [{ name, ...wave, pauseAfter, ...(most === undefined ? {} : { maxParallel: most }), machines }]
  })
}

function byPriority<C extends Candidate>(planned: readonly PlannedMachine<C>[]): readonly PlannedGroup<C>[] {
  return [...Map.groupBy(planned, ({ priority }) => priority)].map(([priority, machines]) => {
    return { name: `priority ${priority}`, pauseAfter: 'pause_on_failure', machines }
  })
}

function waveIssues(plan: Vmware2scwPlan): Issue[] {
  const waves = wavesOf(plan)
  const names = waves.map(({ name }) => name)
  return [
    ...waves.flatMap(({ name }, index): Issue[] => {
      if (names.indexOf(name) === index) return []
      return [{ code: 'NAME_DUPLICATE', path: ['waves', index, 'name'], summary: `two waves are called "${name}"` }]
    }),
    // Without waves, what an entry calls its wave is no more than a word for the reader.
    ...plan.migrations.flatMap(({ wave }, index) => {
      if (wave === undefined || names.length === 0 || names.includes(wave)) return []
      return [unknownWave(wave, waves, ['migrations', index, 'wave'])]
    }),
  ]
}
