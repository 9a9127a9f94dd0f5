import type { RunStart } from '../ports/state.ts'
import type { Session } from './session.ts'

/** What the state keeps of a run that begins now. */
export async function runStart(command: string, session: Session, signal: AbortSignal): Promise<RunStart> {
  const commit = await session.commit(signal)
  return {
    id: session.clock.newId(),
    command,
    who: session.who,
    version: session.version,
    startedAt: session.clock.now(),
    ...(commit === undefined ? {} : { commit }),
  }
}
