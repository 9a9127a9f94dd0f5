import { addressOf } from '../core/address.ts'
import { cutOver } from '../core/deeds.ts'
import { idle, type PlannedMachine } from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { shownPath } from '../core/relocate.ts'
import { inOrderOfRemoval, neededAsSource, type Removal } from '../core/removal.ts'
import { stageNames } from '../core/stage-names.ts'
import { formatCount } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import type { Sight } from '../ports/target.ts'
import type { Context } from './context.ts'
import { leftPools } from './left-pools.ts'
import { cutoverBegun, sourceLeftOff } from './recorded-machine.ts'

/** Files that machines are read from, each with one of its readers. Absolute. */
export type Sources = ReadonlyMap<string, string>

/**
 * What removing a machine comes to: everything that h2k made for it, as it is now, and nothing else. `sight` knows
 * what is removed with it.
 */
export async function planRemoval(
  record: MachineRecord,
  sources: Sources,
  sight: Sight,
  { files, root }: Context,
  state: StateStore,
  signal: AbortSignal,
): Promise<PlannedMachine> {
  const removals: Removal[] = []
  const inUse: Problem[] = []
  const stay: string[] = []
  const own = [...state.artifacts(record.name), ...leftPools(record.name, state)]
  for (const artifact of inOrderOfRemoval(own, stageNames)) {
    const { standing, bytes, mark, problem, holds } = await sight.remains(artifact, signal)
    if (holds !== undefined) {
      if (artifact.machine === record.name)
        stay.push(`${artifact.path} stays: it holds ${formatCount(holds, 'volume')} more`)
      continue
    }
    if (problem) inUse.push({ address: addressOf(record.name), ...problem })
    removals.push({ path: shownPath(artifact.path, root), standing, bytes, mark })
  }
  const needed = neededAsSource(record.name, removals, readAgain(removals, sources, { files, root }))
  const problems = [...inUse, ...needed, ...sourceIsOff(record, state)]
  return {
    ...idle(record),
    action: problems.length > 0 ? 'blocked' : 'destroy',
    removals,
    problems,
    notes: [
      ...removals
        .filter(({ standing }) => standing === 'changed')
        .map(({ path }) => `${printable(path)} changed since h2k made it`),
      ...stay.map(printable),
      ...sourceStaysOff(record, state),
      ...sourceStaysMarked(record),
    ],
  }
}

/** Whether the state has another name for a machine that git has by the name of before: it did not leave git. */
export function isCalledAsBefore(
  { madeAs }: Pick<MachineRecord, 'madeAs'>,
  inGit: ReadonlySet<string>,
  records: ReadonlyMap<string, MachineRecord>,
): boolean {
  return madeAs !== undefined && inGit.has(madeAs) && !records.has(madeAs)
}

/** One that `h2k state mv` renamed before git did: nobody wants it removed. */
export function notRenamedYet(record: MachineRecord): PlannedMachine {
  const address = addressOf(record.name)
  const before = addressOf(record.madeAs ?? record.name)
  const summary = `git still calls it ${before}`
  const hint = `rename it in git, or h2k state mv ${address} ${before}; h2k destroy ${address} removes it`
  return {
    ...idle(record),
    action: 'blocked',
    problems: [{ severity: 'error', code: 'DESTROY_REFUSED', summary, hint, address }],
  }
}

function sourceStaysMarked(record: MachineRecord): readonly string[] {
  const { marked } = cutOver(record) ?? {}
  if (!marked) return []
  const { domain } = marked
  const what = marked.how === 'rename' ? `stays renamed to ${printable(marked.to)}` : 'keeps the tag that it got'
  return [`its source, the domain ${printable(domain.name)} of ${printable(domain.uri)}, ${what}`]
}

function sourceStaysOff(record: MachineRecord, state: StateStore): readonly string[] {
  const { wasOn, domain } = (cutOver(record) && cutoverBegun(record.name, state)?.source) ?? {}
  if (!wasOn || !domain) return []
  return [
    `its source, the domain ${printable(domain.name)} of ${printable(domain.uri)}, stays off as its cutover left it`,
  ]
}

function sourceIsOff(record: MachineRecord, state: StateStore): readonly Problem[] {
  const source = sourceLeftOff(record, state)
  if (!source) return []
  const { name, uri } = source
  const address = addressOf(record.name)
  const summary = `its cutover, which did not end, may have switched its source off, the domain ${printable(name)} of ${printable(uri)}`
  return [{ severity: 'error', code: 'DESTROY_REFUSED', summary, hint: `h2k rollback ${address}`, address }]
}

// A link can give a source another name: size and time in nanoseconds tell it all the same.
function readAgain(removals: readonly Removal[], sources: Sources, { files, root }: Pick<Context, 'files' | 'root'>) {
  const byMark = new Map(removals.filter(({ mark }) => mark !== '').map(({ mark, path }) => [mark, path]))
  const paths = [...sources.keys()]
  const found = new Map(paths.map((path) => [shownPath(path, root), sources.get(path) ?? '']))
  if (removals.length === 0) return found
  for (const identity of files.identities(paths)) {
    const path = identity && byMark.get(`${identity.bytes} ${identity.modified}`)
    if (identity && path !== undefined) found.set(path, sources.get(identity.path) ?? '')
  }
  return found
}
