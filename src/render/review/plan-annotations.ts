import { addressOf } from '../../core/address.ts'
import { changeText } from '../../core/change-text.ts'
import type { FieldChange } from '../../core/diff.ts'
import { acts, type Plan, type PlannedMachine } from '../../core/plan.ts'
import { findingProblems } from '../../core/policy/finding-problems.ts'
import { eachOnce, type Problem } from '../../core/problem.ts'
import { headlines } from '../plan-text.ts'
import type { Annotation } from '../problem-formats.ts'

const weights = { error: 0, warning: 1, info: 2 }

/**
 * What a plan says of lines in git, the gravest first: what keeps it from being applied, what the policy says, every changed
 * value at its line, and what becomes of each machine at its manifest.
 */
export function planAnnotations(plan: Plan): readonly Annotation[] {
  const problems = planFindings(plan).map(
    ({ severity, code, summary, hint, address, at = { file: 'h2k.yaml' } }): Annotation => ({
      severity,
      title: address === undefined ? code : `${code} ${address}`,
      text: [summary, hint].filter(Boolean).join(' -> '),
      at,
    }),
  )
  const all = [...problems, ...plan.machines.filter(acts).flatMap(machineAnnotations)]
  return all.toSorted((a, b) => weights[a.severity] - weights[b.severity])
}

/** Everything that a plan found fault with, as problems; what breaks the policy included. */
export function planFindings({ machines, policy = [] }: Plan): readonly Problem[] {
  return eachOnce([...machines.flatMap(({ problems }) => problems), ...findingProblems(policy)])
}

function machineAnnotations(machine: PlannedMachine): readonly Annotation[] {
  const { name, file, action, stages, notes, notApplied } = machine
  const title = addressOf(name)
  const grave = action === 'destroy' || action === 'replace'
  const told = [
    headlines[action],
    ...notes,
    ...(notApplied.length > 0 ? [`not applied by this version: ${notApplied.join(', ')}`] : []),
  ]
  const changes = new Map<string, FieldChange>()
  for (const { decision } of stages) {
    if (!decision.run || decision.why !== 'changed') continue
    for (const change of decision.changes)
      if (change.at) changes.set(`${JSON.stringify(change.at)} ${change.path}`, change)
  }
  return [
    { severity: grave ? 'warning' : 'info', title, text: told.join('; '), at: { file, line: 1 } },
    ...[...changes.values()].flatMap(({ at, ...change }): readonly Annotation[] =>
      at ? [{ severity: 'info', title, text: changeText(change), at }] : [],
    ),
  ]
}
