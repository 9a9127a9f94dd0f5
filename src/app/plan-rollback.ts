import { addressOf } from '../core/address.ts'
import { type CutoverBegun, cutOver, cutoverStanding, openCutover } from '../core/deeds.ts'
import type { PlannedDeed } from '../core/planned-deed.ts'
import { printable } from '../core/printable.ts'
import { formatSeconds } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import { afterDependencies } from './cutover-order.ts'
import { refusal } from './cutover-refusals.ts'
import { publishedDomain } from './published-domain.ts'
import { recordsOf } from './recorded-machines.ts'
import type { Retreat } from './roll-back.ts'

/** A rollback with what doing it needs. */
interface PlannedRollback extends PlannedDeed {
  readonly work?: Retreat
  /** Those of the same run that go before it, since they depend on it. */
  readonly before: readonly string[]
}

/**
 * What taking machines' cutovers back comes to, in the order in which it is done: the latest first, and each before those
 * that it depended on when it was cut over. By the state alone: git may say anything by now.
 */
export function planRollbacks(names: readonly string[], force: boolean, state: StateStore): readonly PlannedRollback[] {
  const records = recordsOf(state)
  const begun = new Map([...records.keys()].map((name) => [name, begunOf(name, state)]))
  const since = (name: string) => begun.get(name)?.begun ?? ''
  // `state mv` may have given them other names since.
  const nameNow = (name: string) =>
    records.has(name) ? name : ([...records.values()].find(({ madeAs }) => madeAs === name)?.name ?? name)
  const after = (name: string) => (begun.get(name)?.after ?? []).map(nameNow)
  const byTime = names.toSorted((a, b) => (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0))
  const order = afterDependencies(byTime, after).toReversed()
  const dependents = (name: string) => [...begun.keys()].filter((other) => after(other).includes(name))
  return order.map((name, index) => {
    const standing = dependents(name).filter((other) => !order.includes(other) && isStanding(other, state))
    const before = dependents(name).filter((other) => order.indexOf(other) >= 0 && order.indexOf(other) < index)
    return { ...planRollback(name, standing, force, state), before }
  })
}

function isStanding(name: string, state: StateStore): boolean {
  return cutoverStanding(state.machine(name)) !== 'before'
}

function begunOf(name: string, state: StateStore): CutoverBegun | undefined {
  return state.recordedInput(name, 'cutover') as unknown as CutoverBegun | undefined
}

function planRollback(
  name: string,
  dependents: readonly string[],
  force: boolean,
  state: StateStore,
): Omit<PlannedRollback, 'before'> {
  const record = state.machine(name)
  const base = { name, file: record?.file ?? '', lines: [], problems: [] }
  const begun = begunOf(name, state)
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
    ...dependents.map((other) => ['needed', `${addressOf(other)} depends on it and stays cut over`] as const),
    ['source', 'files: nothing to do, nothing was done to them'],
  ]
  return { ...base, standing: 'acts', head: `will be rolled back, ${since}`, lines, work }
}
