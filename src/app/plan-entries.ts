import type { Issue } from '../core/language/check.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import { type Vmware2scwPlan, vmware2scwPlanSchema } from '../core/language/vmware2scw.ts'
import { valueAt } from '../core/layer.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import { plannedLayers, type Taking } from '../core/vmware2scw-layers.ts'
import { notAppliedOfPlan } from '../core/vmware2scw-not-applied.ts'
import { selectPlanned } from '../core/vmware2scw-selection.ts'
import type { WaveRule } from '../core/waves.ts'
import { candidateOf, type Entry } from './entry.ts'
import type { FileReader } from './file-reader.ts'

/** The machines of a workspace, and the waves that its plans have. */
export interface PlannedEntries {
  readonly entries: readonly Entry[]
  readonly waves: readonly WaveRule[]
}

/**
 * Lets a plan of vmware2scw select among the machines of the workspace: those that it takes get its settings, those that it
 * excludes are left as they are, and the others are none of its business. Its waves are the workspace's, unless that has own ones.
 */
export function planEntries(
  file: string,
  { entries, waves }: PlannedEntries,
  ownWaves: readonly { readonly name: string }[],
  reader: FileReader,
  problems: Problem[],
): PlannedEntries {
  const plan = reader.readAs(vmware2scwPlanSchema, file)
  const written = reader.parse(file)
  const tell = (issues: readonly Issue[], severity: Problem['severity']) => {
    const placed = placeIssues(issues, reader.files.read(file), file)
    problems.push(...placed.map((problem) => ({ ...problem, severity })))
  }
  const candidates = entries.filter(({ enabled }) => enabled).map((entry) => ({ ...candidateOf(entry), entry }))
  const selection = selectPlanned(plan, candidates)
  if ('issues' in selection) {
    tell(selection.issues, 'error')
    return { entries, waves }
  }
  const { groups, excluded, idle } = selection
  const hasOwn = ownWaves.length > 0
  tell(
    excluded.map(({ machine, by }) => excludedIssue(machine.name, by)),
    'info',
  )
  tell([...idle.map((index) => idleIssue(plan, index)), ...notAppliedOfPlan(plan, written)], 'warning')
  if (hasOwn && plan.waves.length > 0) tell([uselessWaves], 'warning')
  if (!hasOwn) tell(sameWaves(plan, waves), 'error')
  const inWaves = hasOwn || plan.waves.length > 0 || waves.length > 0
  const left = new Set(excluded.map(({ machine }) => machine.entry))
  const taken = new Map(
    groups.flatMap(({ wave, machines }) => {
      const from = wave === undefined || hasOwn ? {} : { wave }
      return machines.map(
        ({ machine, entry }) => [machine.entry, { plan, written, file, entry, inWaves, ...from }] as const,
      )
    }),
  )
  const planned = entries.map((entry): Entry => {
    if (left.has(entry)) return { ...entry, enabled: false }
    const taking = taken.get(entry)
    if (!taking) return entry
    if (entry.plan === undefined) return plannedEntry(entry, taking)
    tell([takenIssue(entry, entry.plan, taking.entry)], 'error')
    return entry
  })
  return { entries: planned, waves: hasOwn ? waves : [...waves, ...plan.waves.map(ruleOf)] }
}

function plannedEntry(entry: Entry, taking: Taking): Entry {
  const { shared, overrides } = plannedLayers(taking)
  const { parts, batch } = entry
  const { plan, written, file } = taking
  const { max_total_workers: most, max_concurrent_conversions: copies } = plan.concurrency
  const limited = valueAt(written, ['concurrency', 'max_concurrent_conversions']) !== undefined
  return {
    ...entry,
    plan: file,
    priority: plan.migrations[taking.entry]?.priority ?? entry.priority,
    // A machine of a batch keeps that batch's limits.
    batch: batch ?? {
      id: file,
      file,
      parallelLimit: most,
      continueOnError: true,
      ...(limited ? { copyLimit: copies } : {}),
    },
    parts: {
      ...parts,
      shared: [shared, ...(parts.shared ?? [])],
      overrides: [overrides, ...(parts.overrides ?? [])],
    },
  }
}

// Its machines name it: a pattern would also take those that the plan does not.
function ruleOf({
  name,
  pause_after: pauseAfter,
  max_parallel: maxParallel,
}: Vmware2scwPlan['waves'][number]): WaveRule {
  return { name, machines: [], pauseAfter, ...(maxParallel === undefined ? {} : { maxParallel }) }
}

const uselessWaves: Issue = {
  code: 'KEY_USELESS',
  path: ['waves'],
  summary: 'waves has no effect: h2k.yaml has waves of its own',
  hint: 'remove one of them',
}

function sameWaves(plan: Vmware2scwPlan, others: readonly WaveRule[]): readonly Issue[] {
  return plan.waves.flatMap(({ name }, index): Issue[] => {
    if (!others.some((other) => other.name === name)) return []
    const summary = `another plan has a wave called "${printable(name)}"`
    return [{ code: 'NAME_DUPLICATE', path: ['waves', index, 'name'], summary, hint: 'give one of them another name' }]
  })
}

function excludedIssue(name: string, by: number): Issue {
  const summary = `exclude[${by}] leaves out machine.${printable(name)}`
  return { code: 'MACHINE_EXCLUDED', path: ['exclude', by], summary }
}

function takenIssue(entry: Entry, other: string, index: number): Issue {
  const summary = `machine.${printable(candidateOf(entry).name)} is taken by ${other}, too`
  return { code: 'NAME_DUPLICATE', path: ['migrations', index], summary, hint: 'exclude it from one of them' }
}

function idleIssue(plan: Vmware2scwPlan, index: number): Issue {
  const { vm_name: name } = plan.migrations[index] ?? {}
  const path = ['migrations', index]
  if (name === undefined) {
    return { code: 'SELECTS_NOTHING', path, summary: `migrations[${index}] selects no machine of the workspace` }
  }
  const summary = `the workspace has no machine "${printable(name)}", and this version has no vSphere source to ask for it`
  return {
    code: 'NOT_BUILT',
    path: [...path, 'vm_name'],
    summary,
    hint: 'export it to an OVA, then h2k import FILE.ova',
  }
}
