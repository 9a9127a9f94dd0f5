import { addressOf } from '../core/address.ts'
import { findingProblems, findingText } from '../core/policy/finding-problems.ts'
import { denies, type PolicyFinding } from '../core/policy/policy.ts'
import { ProblemError, problem } from '../core/problem.ts'
import { cutOverMachine } from './cut-over.ts'
import { afterDependencies } from './cutover-order.ts'
import { refusal } from './cutover-refusals.ts'
import { type DeedRequest, type DeedsDone, doDeeds } from './do-deeds.ts'
import { judgeCutover } from './judge-plan.ts'
import { type PlannedCutover, planCutover } from './plan-cutover.ts'
import { planRollbacks } from './plan-rollback.ts'
import { planSurvey, survey } from './plan-workspace.ts'
import { namesOf, recordedMachines, refuseRenamed } from './recorded-machines.ts'
import { rollBack } from './roll-back.ts'
import { select } from './selection.ts'
import type { Session } from './session.ts'

/**
 * Cuts machines over, those of an earlier wave first, and none before those that it depends on.
 * @throws ProblemError of the workspace, ADDRESS_UNKNOWN, LOCKED, LEASE_LOST, STATE_…
 */
export async function cutOverMachines(
  addresses: readonly string[],
  session: Session,
  request: DeedRequest,
  signal: AbortSignal,
): Promise<DeedsDone> {
  const options = { only: addresses, exclude: [], redo: [], refresh: true, cutsOver: true as const }
  const open = new Set<string>()
  const records = recordedMachines(session)
  const seen = await survey(session, options, records, signal)
  return await doDeeds<PlannedCutover>(
    'cutover',
    [...seen.selected],
    session,
    request,
    {
      async plan(state) {
        refuseRenamed(records, state, seen.selected)
        const whole = await planSurvey(seen, options, session, state, signal)
        const byName = new Map(seen.seen.map(({ desired }) => [desired.name, desired]))
        const names = whole.plan.machines.map(({ name }) => name)
        const planned = new Map<string, PlannedCutover>()
        for (const name of afterDependencies(names, (one) => byName.get(one)?.dependsOn ?? [])) {
          const cutover = await planCutover(name, seen, whole, planned, session, state, signal)
          const findings = cutover.work ? judgeCutover(name, whole.plan, seen, session, state) : []
          planned.set(name, asAllowed(cutover, findings))
        }
        for (const { name, standing } of planned.values()) if (standing === 'acts') open.add(name)
        return [...planned.values()]
      },
      async act({ name, work }, run) {
        const missing = work?.after.find((other) => open.has(other))
        if (missing !== undefined) {
          const address = addressOf(missing)
          const summary = `depends_on: ${address} is not cut over`
          throw new ProblemError([refusal(name, summary, `h2k cutover ${address}`)])
        }
        if (work) await cutOverMachine(name, work, run)
        open.delete(name)
      },
    },
    signal,
  )
}

/** A cutover with what the workspace's policy says of it: one that is denied is not done. */
function asAllowed(planned: PlannedCutover, findings: readonly PolicyFinding[]): PlannedCutover {
  const { name, file, lines } = planned
  if (findings.some(denies)) {
    const problems = findingProblems(findings.filter(denies))
    return { name, file, lines: [], standing: 'refused', head: 'cannot be cut over', problems }
  }
  return { ...planned, lines: [...lines, ...findings.map((finding) => ['policy', findingText(finding)] as const)] }
}

/**
 * Takes cutovers back, each before those that its machine depends on.
 * @throws ProblemError ADDRESS_UNKNOWN, LOCKED, LEASE_LOST, STATE_…
 */
export async function rollBackMachines(
  addresses: readonly string[],
  force: boolean,
  session: Session,
  request: DeedRequest,
  signal: AbortSignal,
): Promise<DeedsDone> {
  const selected = [...select(namesOf(recordedMachines(session)), { only: addresses, exclude: [] })]
  const open = new Set<string>()
  return await doDeeds(
    'rollback',
    selected,
    session,
    request,
    {
      async plan(state) {
        const planned = await planRollbacks(selected, force, state, session.context.domains, signal)
        for (const { name, standing } of planned) if (standing === 'acts') open.add(name)
        return planned
      },
      async act({ name, work, before }, run) {
        const above = before.find((other) => open.has(other))
        if (above !== undefined) {
          const summary = `${addressOf(above)} depends on it and was not rolled back`
          const hint = `h2k rollback ${addressOf(name)} alone turns it off all the same`
          throw problem('ROLLBACK_FAILED', summary, { hint, address: addressOf(name) })
        }
        const record = run.state.machine(name)
        if (record && work) await rollBack(record, work, run)
        open.delete(name)
      },
    },
    signal,
  )
}
