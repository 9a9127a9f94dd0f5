import { addressOf } from '../core/address.ts'
import { approvable } from '../core/deeds.ts'
import type { Emit } from '../core/events.ts'
import type { ApprovalOutput } from '../core/outputs.ts'
import { ProblemError } from '../core/problem.ts'
import { refusal } from './cutover-refusals.ts'
import { recordDeed } from './record-deed.ts'
import { namesOf, recordedMachines } from './recorded-machines.ts'
import { runStart } from './run-start.ts'
import { select } from './selection.ts'
import type { Session } from './session.ts'

/**
 * Records somebody's word that machines may be cut over, for all of them or for none.
 * @throws ProblemError ADDRESS_UNKNOWN, CUTOVER_REFUSED for one that is not published, LOCKED, STATE_…
 */
export async function approveMachines(
  addresses: readonly string[],
  word: { readonly by: string; readonly until?: string },
  session: Session,
  emit: Emit,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const selected = [...select(namesOf(recordedMachines(session)), { only: addresses, exclude: [] })]
  const state = session.openState('write')
  try {
    const writer = state.begin(await runStart('approve', session, signal), selected)
    let exitCode = 1
    try {
      const { context, reached } = session
      const run = { context, state, writer, emit, signal, reached }
      const approved = selected.map((name) => {
        const record = state.machine(name)
        const of = record && approvable(record)
        if (record && of !== undefined) return { record, of }
        const summary = 'there is nothing to approve yet: it is not published'
        throw new ProblemError([refusal(name, summary, `h2k apply --only ${addressOf(name)}`)])
      })
      for (const { record, of } of approved) {
        await recordDeed('approval', record, { of }, async (): Promise<ApprovalOutput> => ({ of, ...word }), run)
      }
      exitCode = 0
      return selected
    } finally {
      await writer.end({ finishedAt: session.clock.now(), exitCode })
    }
  } finally {
    state.close()
  }
}
