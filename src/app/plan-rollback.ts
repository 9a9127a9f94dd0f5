import { addressOf } from '../core/address.ts'
import { cutOver, cutoverStanding, openCutover, type SourceBegun } from '../core/deeds.ts'
import type { PlannedDeed } from '../core/planned-deed.ts'
import { printable } from '../core/printable.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import type { SourceMark } from '../core/source-mark.ts'
import { formatSeconds } from '../core/units.ts'
import type { DomainPlace, Domains } from '../ports/domains.ts'
import type { StateStore } from '../ports/state.ts'
import { afterDependencies } from './cutover-order.ts'
import { refusal } from './cutover-refusals.ts'
import { publishedDomain } from './published-domain.ts'
import { cutoverBegun } from './recorded-machine.ts'
import { recordsOf } from './recorded-machines.ts'
import type { Retreat } from './roll-back.ts'

type Sight = Pick<Domains, 'standing' | 'markStanding'>

/** A rollback with what doing it needs. */
interface PlannedRollback extends PlannedDeed {
  readonly work?: Retreat
  /** Those of the same run that go before it, since they depend on it. */
  readonly before: readonly string[]
}

/**
 * What taking machines' cutovers back comes to, in the order in which it is done: the latest first, and each before those
 * that it depended on when it was cut over. By the state and what is there: git may say anything by now.
 */
export async function planRollbacks(
  names: readonly string[],
  force: boolean,
  state: StateStore,
  domains: Sight,
  signal: AbortSignal,
): Promise<readonly PlannedRollback[]> {
  const records = recordsOf(state)
  const begun = new Map([...records.keys()].map((name) => [name, cutoverBegun(name, state)]))
  const since = (name: string) => begun.get(name)?.begun ?? ''
  // `state mv` may have given them other names since.
  const nameNow = (name: string) =>
    records.has(name) ? name : ([...records.values()].find(({ madeAs }) => madeAs === name)?.name ?? name)
  const after = (name: string) => (begun.get(name)?.after ?? []).map(nameNow)
  const byTime = names.toSorted((a, b) => (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0))
  const order = afterDependencies(byTime, after).toReversed()
  const dependents = (name: string) => [...begun.keys()].filter((other) => after(other).includes(name))
  const planned = order.map(async (name, index) => {
    const standing = dependents(name).filter((other) => !order.includes(other) && isStanding(other, state))
    const before = dependents(name).filter((other) => order.indexOf(other) >= 0 && order.indexOf(other) < index)
    return { ...(await planRollback(name, standing, force, state, domains, signal)), before }
  })
  return await Promise.all(planned)
}

function isStanding(name: string, state: StateStore): boolean {
  return cutoverStanding(state.machine(name)) !== 'before'
}

type Planned = Omit<PlannedRollback, 'before'>

async function planRollback(
  name: string,
  dependents: readonly string[],
  force: boolean,
  state: StateStore,
  domains: Sight,
  signal: AbortSignal,
): Promise<Planned> {
  const record = state.machine(name)
  const base = { name, file: record?.file ?? '', lines: [], problems: [] }
  const refused = (problems: readonly Problem[]): Planned => {
    return { ...base, standing: 'refused', head: 'cannot be rolled back', problems }
  }
  const begun = cutoverBegun(name, state)
  const done = record && cutOver(record)
  const of = record && (done || openCutover(record, begun)) ? record.deeds.get('cutover')?.attempt : undefined
  const domain = (record && publishedDomain(record)) ?? begun?.target
  if (of === undefined || !begun) {
    if (record?.deeds.get('rollback')?.status === 'done') {
      return { ...base, standing: 'nothing', head: 'is rolled back already' }
    }
    return refused([refusal(name, 'it was never cut over', `h2k state show ${addressOf(name)}`)])
  }
  if (!domain) {
    return refused([refusal(name, 'its domain is not recorded any more', `h2k apply --only ${addressOf(name)}`)])
  }
  const target = await targetNow(name, domain, force, domains, signal)
  if (target.problems) return refused(target.problems)
  const source = begun.source && (await sourceNow(name, begun.source, force, domains, signal))
  if (source?.problems) return refused(source.problems)
  const mark = begun.mark && (await markNow(name, begun.mark, domains, signal))
  if (mark?.problems) return refused(mark.problems)
  const off = { seconds: begun.shutdownSeconds, force }
  const since = done ? `cut over at ${done.ended}` : `its cutover began at ${begun.begun} and did not end`
  const within = formatSeconds(off.seconds)
  const work: Retreat = {
    ...{ domain, of, off },
    ...(target.gone ? { gone: target.gone } : {}),
    ...(begun.autostart ? { autostart: begun.autostart } : {}),
    ...(source?.back ? { source: source.back } : {}),
    ...(begun.mark ? { mark: begun.mark } : {}),
  }
  const what = `domain ${printable(domain.name)} of ${printable(domain.uri)}`
  const lines: PlannedDeed['lines'] = [
    [
      'target',
      target.gone
        ? `${what} is gone: it has to be off wherever it is now`
        : `${what} is shut down within ${within}${force ? ', else switched off' : ''}`,
    ],
    ...(begun.autostart && !target.gone ? [['target', 'it does not start with its host any more'] as const] : []),
    ['disks', 'stay where they are, with all that it wrote to them'],
    ...dependents.map((other) => ['needed', `${addressOf(other)} depends on it and stays cut over`] as const),
    ...(source ?? mark ?? { lines: ['nothing to do, nothing was done to it'] }).lines.map(
      (line) => ['source', line] as const,
    ),
  ]
  return { ...base, standing: 'acts', head: `will be rolled back, ${since}`, lines, work }
}

async function markNow(
  machine: string,
  mark: SourceMark,
  domains: Sight,
  signal: AbortSignal,
): Promise<Pick<SourceNow, 'lines' | 'problems'>> {
  const what = `domain ${printable(mark.domain.name)} of ${printable(mark.domain.uri)}`
  try {
    const standing = await domains.markStanding(mark, signal)
    const back =
      mark.how === 'rename' ? `is called so again, and not ${printable(mark.to)}` : 'loses the tag that it got'
    return { lines: [standing === 'marked' ? `${what} ${back}` : `${what} stays as it is: it is ${standing}`] }
  } catch (error) {
    return { lines: [], problems: unseen(machine, error, signal) }
  }
}

/** Where it went nobody knows: it may run on another host, and beside its source it would be there twice. */
async function targetNow(
  machine: string,
  domain: DomainPlace,
  force: boolean,
  domains: Sight,
  signal: AbortSignal,
): Promise<{ readonly problems?: readonly Problem[]; readonly gone?: true }> {
  try {
    if ((await domains.standing(domain, signal)) !== 'missing') return {}
  } catch (error) {
    return { problems: unseen(machine, error, signal) }
  }
  if (force) return { gone: true }
  const summary = `the domain ${printable(domain.name)} of ${printable(domain.uri)} is not there any more`
  const hint = `see that it runs nowhere else, then: h2k rollback ${addressOf(machine)} --force`
  return { problems: [refusal(machine, summary, hint)] }
}

function unseen(machine: string, error: unknown, signal: AbortSignal): readonly Problem[] {
  signal.throwIfAborted()
  const address = addressOf(machine)
  return problemsOrBug(error).map((problem) => ({ address, ...problem }))
}

interface SourceNow {
  readonly lines: readonly string[]
  readonly problems?: readonly Problem[]
  /** What is put back; absent for one that is gone. */
  readonly back?: SourceBegun
}

async function sourceNow(
  machine: string,
  source: SourceBegun,
  force: boolean,
  domains: Sight,
  signal: AbortSignal,
): Promise<SourceNow> {
  const { domain, wasOn, autostart } = source
  const what = `domain ${printable(domain.name)} of ${printable(domain.uri)}`
  try {
    const now = await domains.standing(domain, signal)
    if (now === 'missing') {
      const problem = refusal(
        machine,
        `its source, the ${what}, is not there any more`,
        `h2k rollback ${addressOf(machine)} --force`,
      )
      return { lines: [`${what} is gone: only the target is taken back`], ...(force ? {} : { problems: [problem] }) }
    }
    const starts = wasOn ? `${what} is started again, as it was when it went off` : `${what} stays off, as it was`
    return {
      back: source,
      lines: [now === 'on' ? `${what} is on already` : starts, ...(autostart ? ['it starts with its host again'] : [])],
    }
  } catch (error) {
    return { lines: [], problems: unseen(machine, error, signal) }
  }
}
