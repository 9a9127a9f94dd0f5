import { cutOver } from './deeds.ts'
import type { MachineRecord } from './record.ts'
import { formatCount, formatSeconds } from './units.ts'

/** How long a machine is away while it is cut over, as far as that can be told before. */
export interface Downtime {
  readonly seconds: number
  /** What it is reckoned from. */
  readonly basis: string
}

/** What starting machines took, and showing that they work, in cutovers that hold. */
export interface StartPace {
  readonly seconds: number
  readonly cutovers: number
}

/** By the cutovers that the state knows, without the last copies that were a part of them; undefined where there was none. */
export function startPace(records: Iterable<MachineRecord>): StartPace | undefined {
  const took = [...records].flatMap((record) => {
    const done = cutOver(record)
    // An import measured nothing.
    if (!done || done.begun === done.ended) return []
    const { runId } = record.deeds.get('cutover') ?? {}
    const own = [...record.stages.values()].filter((stage) => stage.runId === runId)
    return Math.max(0, done.downtimeSeconds - own.reduce((sum, { seconds }) => sum + seconds, 0))
  })
  if (took.length === 0) return undefined
  return { seconds: took.reduce((sum, seconds) => sum + seconds, 0) / took.length, cutovers: took.length }
}

/** `copies`: how long copying once more takes, where the source is switched off for that. Undefined where nothing is known. */
export function downtimeOf(copies: Downtime | undefined, start: StartPace | undefined): Downtime | undefined {
  if (!copies && !start) return undefined
  const started = start
    ? `start measured at ${formatSeconds(start.seconds)} over ${formatCount(start.cutovers, 'cutover')}`
    : 'its start not measured yet'
  return {
    seconds: (copies?.seconds ?? 0) + (start?.seconds ?? 0),
    basis: [...(copies ? [copies.basis] : []), started].join(', '),
  }
}
