import { approveMachines } from '../app/approve-machines.ts'
import { problem } from '../core/problem.ts'
import { connectWorkspace } from './connect-workspace.ts'
import type { EventStream } from './event-stream.ts'
import { listenForInterrupts } from './interrupt.ts'

/** Records an approval; settles with the names of the machines that it is for. */
export async function runApprove(
  folder: string,
  addresses: readonly string[],
  { by, until }: { readonly by: string | undefined; readonly until: string | undefined },
  stream: EventStream | undefined,
): Promise<readonly string[]> {
  const interrupts = listenForInterrupts(() => undefined)
  try {
    const session = await connectWorkspace(folder)
    if (until !== undefined) refuseOtherTimes(until, session.clock.now())
    const word = { by: by ?? session.who, ...(until === undefined ? {} : { until }) }
    return await approveMachines(addresses, word, session, (event) => stream?.emit(event), interrupts.signal)
  } finally {
    interrupts.stop()
  }
}

function refuseOtherTimes(until: string, now: string): void {
  const known = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(until)
  const at = known ? Date.parse(until) : Number.NaN
  if (Number.isNaN(at)) {
    throw problem('USAGE', '--until is a time with its zone', { hint: '--until 2026-05-02T06:00:00Z' })
  }
  if (at <= Date.parse(now)) throw problem('USAGE', '--until is over already', { hint: 'give a later one' })
}
