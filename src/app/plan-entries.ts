import type { Issue } from '../core/language/check.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import { type Vmware2scwPlan, vmware2scwPlanSchema } from '../core/language/vmware2scw.ts'
import { valueAt } from '../core/layer.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import { plannedLayers } from '../core/vmware2scw-layers.ts'
import { notAppliedOfPlan } from '../core/vmware2scw-not-applied.ts'
import { selectPlanned } from '../core/vmware2scw-selection.ts'
import { candidateOf, type Entry } from './entry.ts'
import type { FileReader } from './file-reader.ts'

/**
 * Lets a plan of vmware2scw select among the machines of the workspace: those that it takes get its settings, those that it
 * excludes are left as they are, and the others are none of its business.
 */
export function planEntries(
  file: string,
  entries: readonly Entry[],
  reader: FileReader,
  problems: Problem[],
): readonly Entry[] {
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
    return entries
  }
  const { groups, excluded, idle } = selection
  tell(
    excluded.map(({ machine, by }) => excludedIssue(machine.name, by)),
    'info',
  )
  tell([...idle.map((index) => idleIssue(plan, index)), ...notAppliedOfPlan(plan, written)], 'warning')
  const left = new Set(excluded.map(({ machine }) => machine.entry))
  const taken = new Map(
    groups.flatMap(({ machines }) => machines.map(({ machine, entry }) => [machine.entry, entry] as const)),
  )
  return entries.map((entry): Entry => {
    if (left.has(entry)) return { ...entry, enabled: false }
    const index = taken.get(entry)
    if (index === undefined) return entry
    if (entry.plan === undefined) return plannedEntry(entry, { plan, written, file, index })
    tell([takenIssue(entry, entry.plan, index)], 'error')
    return entry
  })
}

interface Taking {
  readonly plan: Vmware2scwPlan
  readonly written: unknown
  readonly file: string
  readonly index: number
}

function plannedEntry(entry: Entry, { plan, written, file, index }: Taking): Entry {
  const { shared, overrides } = plannedLayers(plan, written, file, index)
  const { parts, batch } = entry
  const { max_total_workers: most, max_concurrent_conversions: copies } = plan.concurrency
  const limited = valueAt(written, ['concurrency', 'max_concurrent_conversions']) !== undefined
  return {
    ...entry,
    plan: file,
    priority: plan.migrations[index]?.priority ?? entry.priority,
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
