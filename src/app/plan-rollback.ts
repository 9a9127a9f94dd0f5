import { addressOf } from '../core/address.ts'
import { type CutoverBegun, cutOver, openCutover } from '../core/deeds.ts'
import type { PlannedDeed } from '../core/planned-deed.ts'
import { printable } from '../core/printable.ts'
import { formatSeconds } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import { refusal } from './cutover-refusals.ts'
import { publishedDomain } from './published-domain.ts'
import type { Retreat } from './roll-back.ts'

/** A rollback with what doing it needs. */
export interface PlannedRollback extends PlannedDeed {
  readonly work?: Retreat
}

/** What taking a machine's cutover back comes to. By the state alone: git may say anything by now. */
export function planRollback(name: string, force: boolean, state: StateStore): PlannedRollback {
  const record = state.machine(name)
  const base = { name, file: record?.file ?? '', lines: [], problems: [] }
  const begun = state.recordedInput(name, 'cutover') as unknown as CutoverBegun | undefined
  const done = record && cutOver(record)
  const of = record && (done || openCutover(record, begun)) ? record.deeds.get('cutover')?.attempt : undefined
  const domain = record && publishedDomain(record)
  if (of === undefined || !begun) {
    if (record?.deeds.get('rollback')?.status === 'done') {
      return { ...base, standing: 'nothing', head: 'is rolled back already' }
    }
    const problem = refusal(name, 'it was never cut over', `h2k state show ${addressOf(name)}`)
    return { ...base, standing: 'refused', head: 'cannot be rolled back', problems: [problem] }
  }
  if (!domain) {
    const problem = refusal(name, 'its domain is not recorded any more', `h2k apply --only ${addressOf(name)}`)
    return { ...base, standing: 'refused', head: 'cannot be rolled back', problems: [problem] }
  }
  const off = { seconds: begun.shutdownSeconds, force }
  const since = done ? `cut over at ${done.ended}` : `its cutover began at ${begun.begun} and did not end`
  const within = formatSeconds(off.seconds)
  const work = { domain, of, off, ...(begun.autostart ? { autostart: begun.autostart } : {}) }
  const lines: PlannedDeed['lines'] = [
    [
      'target',
      `domain ${printable(domain.name)} of ${printable(domain.uri)} is shut down within ${within}${force ? ', else switched off' : ''}`,
    ],
    ...(begun.autostart ? [['target', 'it does not start with its host any more'] as const] : []),
    ['disks', 'stay where they are, with all that it wrote to them'],
    ['source', 'files: nothing to do, nothing was done to them'],
  ]
  return { ...base, standing: 'acts', head: `will be rolled back, ${since}`, lines, work }
}
