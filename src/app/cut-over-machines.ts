import { cutOverMachine } from './cut-over.ts'
import { type DeedRequest, type DeedsDone, doDeeds } from './do-deeds.ts'
import { type PlannedCutover, planCutover } from './plan-cutover.ts'
import { planRollback } from './plan-rollback.ts'
import { planSurvey, survey } from './plan-workspace.ts'
import { recordedNames } from './recorded-names.ts'
import { rollBack } from './roll-back.ts'
import { select } from './selection.ts'
import type { Session } from './session.ts'

/**
 * Cuts machines over, those of an earlier wave first.
 * @throws ProblemError of the workspace, ADDRESS_UNKNOWN, LOCKED, LEASE_LOST, STATE_…
 */
export async function cutOverMachines(
  addresses: readonly string[],
  session: Session,
  request: DeedRequest,
  signal: AbortSignal,
): Promise<DeedsDone> {
  const options = { only: addresses, exclude: [], redo: [], refresh: true }
  const seen = await survey(session, options, recordedNames(session), signal)
  return await doDeeds<PlannedCutover>(
    'cutover',
    [...seen.selected],
    session,
    request,
    {
      async plan(state) {
        const whole = await planSurvey(seen, options, session, state, signal)
        const inOrder = whole.plan.machines.map(({ name }) => name)
        const planned: PlannedCutover[] = []
        for (const name of inOrder) planned.push(await planCutover(name, seen, whole, session, state, signal))
        return planned
      },
      async act(planned, run) {
        if (planned.work) await cutOverMachine(planned, planned.work, run)
      },
    },
    signal,
  )
}

/**
 * Takes cutovers back.
 * @throws ProblemError ADDRESS_UNKNOWN, LOCKED, LEASE_LOST, STATE_…
 */
export async function rollBackMachines(
  addresses: readonly string[],
  force: boolean,
  session: Session,
  request: DeedRequest,
  signal: AbortSignal,
): Promise<DeedsDone> {
  const selected = [...select(recordedNames(session), { only: addresses, exclude: [] })]
  return await doDeeds(
    'rollback',
    selected,
    session,
    request,
    {
      plan: async (state) => selected.map((name) => planRollback(name, force, state)),
      async act({ name, work }, run) {
        const record = run.state.machine(name)
        if (record && work) await rollBack(record, work.domain, work.of, work.off, run)
      },
    },
    signal,
  )
}
