import type { Emit } from '../core/events.ts'
import { countDeeds, type PlannedDeed } from '../core/planned-deed.ts'
import { type Problem, ProblemError } from '../core/problem.ts'
import type { StateStore } from '../ports/state.ts'
import { endsRun } from './ends-run.ts'
import { notifications } from './notifications.ts'
import type { DeedRun } from './record-deed.ts'
import { runStart } from './run-start.ts'
import type { Session } from './session.ts'

export interface DeedRequest {
  readonly emit: Emit
  /** Shows what is planned and settles with whether to go on; asked only where there is something to do. */
  approve(planned: readonly PlannedDeed[]): Promise<boolean>
  /** 130 or 143 once somebody wants h2k to stop. */
  interrupted(): number | undefined
}

export interface DeedsDone {
  readonly planned: readonly PlannedDeed[]
  readonly approved: boolean
  readonly done: readonly string[]
  readonly failed: readonly string[]
  readonly problems: readonly Problem[]
  readonly exitCode: number
}

/**
 * Plans, asks and does something with machines, one after the other, under their locks; one that fails does not stop the next.
 * @throws ProblemError LOCKED, LEASE_LOST, STATE_…
 */
export async function doDeeds<Planned extends PlannedDeed>(
  command: string,
  machines: readonly string[],
  session: Session,
  request: DeedRequest,
  work: {
    plan(state: StateStore): Promise<readonly Planned[]>
    act(planned: Planned, run: DeedRun): Promise<void>
  },
  signal: AbortSignal,
): Promise<DeedsDone> {
  const state = session.openState('write')
  try {
    const writer = state.begin(await runStart(command, session, signal), machines)
    let exitCode = 1
    try {
      const planned = await work.plan(state)
      const acting = planned.filter(({ standing }) => standing === 'acts')
      const approved = acting.length === 0 || (await request.approve(planned))
      const done: string[] = []
      const failed: string[] = []
      const problems = planned.flatMap((machine) => machine.problems)
      const { context, reached } = session
      const told = notifications(session, writer.runId, request.emit, signal)
      const run = { context, state, writer, emit: told.emit, signal, reached }
      for (const machine of approved ? acting : []) {
        if (signal.aborted) break
        try {
          await work.act(machine, run)
          done.push(machine.name)
        } catch (error) {
          if (endsRun(error) || !(error instanceof ProblemError)) throw error
          failed.push(machine.name)
          problems.push(...error.problems)
        }
      }
      await told.end()
      const open = acting.length - done.length
      exitCode = request.interrupted() ?? exitCodeOf(planned, approved, done.length, open, problems)
      return { planned, approved, done, failed, problems, exitCode }
    } finally {
      await writer.end({ finishedAt: session.clock.now(), exitCode })
    }
  } finally {
    state.close()
  }
}

function exitCodeOf(
  planned: readonly PlannedDeed[],
  approved: boolean,
  done: number,
  open: number,
  problems: readonly Problem[],
): number {
  if (!approved) return 7
  const { refused, waits } = countDeeds(planned)
  if (open + refused > 0) {
    const denied = problems.every(({ code }) => code === 'POLICY_DENIED')
    return done > 0 ? 3 : denied ? 6 : 1
  }
  return waits > 0 ? 7 : 0
}
