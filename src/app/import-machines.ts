import { addressOf, parseAddress } from '../core/address.ts'
import { type CutoverRequest, cutoverRequest } from '../core/cutover.ts'
import { domainUuid } from '../core/domain-xml.ts'
import { nameInWorld } from '../core/made-as.ts'
import { type Problem, ProblemError, problem, problemsOf } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { shownPath } from '../core/relocate.ts'
import type { Desired } from '../core/resolve-machine.ts'
import type { StateStore, StateWriter } from '../ports/state.ts'
import { unfitTarget } from './cutover-refusals.ts'
import { adoptable, type FoundMachine, findMachine } from './find-machine.ts'
import { newerSources } from './newer-sources.ts'
import { survey } from './plan-workspace.ts'
import { type Records, recordedMachines } from './recorded-machines.ts'
import { runStart } from './run-start.ts'
import type { Session } from './session.ts'
import type { Subject } from './stage.ts'
import type { Seen } from './subjects.ts'
import { createTakeOver, ofAnother, ownPaths, type TakeOver } from './take-over.ts'

export interface ImportRequest {
  readonly addresses: readonly string[]
  /** Otherwise they are only looked at. */
  readonly adopt: boolean
  /** The name that the things of the one machine are called by. */
  readonly madeAs?: string
  /** They took the place of their sources already. */
  readonly cutOver: boolean
}

/** A machine that was there before the state knew it. */
export interface ImportedMachine {
  readonly name: string
  /** What becomes h2k's own, relative to the workspace where it is in it. */
  readonly own: readonly string[]
  /** What the next apply changes of it, in words. */
  readonly differences: readonly string[]
  /** Where it may be another copy than it is taken for, in words. */
  readonly doubts: readonly string[]
}

export interface Imported {
  readonly machines: readonly ImportedMachine[]
  readonly problems: readonly Problem[]
  /** As the history has it, too. */
  readonly exitCode: number
  /** The copy of the state as it was, where there was one. */
  readonly backup?: string
}

/**
 * Records machines of git that are there already as if h2k had applied them; without `adopt` only says what there is. One that
 * is refused does not keep others from it.
 * @throws ProblemError of the workspace, ADDRESS_UNKNOWN, NAME_DUPLICATE for one that the state knows, LOCKED, STATE_…
 */
export async function importMachines(request: ImportRequest, session: Session, signal: AbortSignal): Promise<Imported> {
  const records = recordedMachines(session)
  const selection = { only: request.addresses, exclude: [], redo: [] }
  const surveyed = await survey(session, selection, madeAsIn(records, request), signal)
  const seen = surveyed.seen.filter(({ desired }) => isAsked(desired.name, request, records))
  const selected = seen.map(({ desired }) => desired.name)
  if (!request.adopt) return await lookOnly(seen, request, session, signal)
  const state = session.openState('create')
  try {
    const backup = state.serial() === 0 ? undefined : state.keep()
    const writer = state.begin(await runStart('state import', session, signal), selected)
    let exitCode = 1
    try {
      for (const name of selected) refuseKnown(name, state.machines({ forgotten: true }))
      const takeOver = createTakeOver(state, session.context)
      const cutOver = ({ manifest }: Desired) => (request.cutOver ? cutoverRequest(manifest) : undefined)
      const imported = await collected(
        seen,
        async (one, desired) => {
          const found = await looked(one, request, takeOver, session, signal)
          await adopted(found, cutOver(desired), state, writer, session, signal)
          return found
        },
        signal,
      )
      const { machines, problems } = imported
      exitCode = problems.length === 0 ? 0 : machines.length > 0 ? 3 : 1
      return { ...imported, exitCode, ...(backup === undefined ? {} : { backup }) }
    } finally {
      await writer.end({ finishedAt: session.clock.now(), exitCode })
    }
  } finally {
    state.close()
  }
}

async function lookOnly(
  seen: readonly Seen[],
  request: ImportRequest,
  session: Session,
  signal: AbortSignal,
): Promise<Imported> {
  const state = session.openState('read')
  try {
    const takeOver = createTakeOver(state, session.context)
    const found = await collected(seen, (one) => looked(one, request, takeOver, session, signal), signal)
    return { ...found, exitCode: found.problems.length === 0 ? 0 : 1 }
  } finally {
    state.close()
  }
}

async function collected(
  seen: readonly Seen[],
  look: (subject: Subject, desired: Desired) => Promise<FoundMachine & { readonly root: string }>,
  signal: AbortSignal,
): Promise<Pick<Imported, 'machines' | 'problems'>> {
  const machines: ImportedMachine[] = []
  const problems: Problem[] = []
  for (const { desired, ...one } of seen) {
    const address = addressOf(desired.name)
    try {
      if ('suspended' in one) throw problem('IMPORT_REFUSED', one.suspended.why, { hint: 'remove suspend from git' })
      if (!one.subject) throw new ProblemError(one.problems)
      machines.push(importedMachine(await look(one.subject, desired)))
    } catch (error) {
      signal.throwIfAborted()
      const known = problemsOf(error)
      if (!known) throw error
      problems.push(...known.map((each) => ({ address, ...each })))
    }
  }
  return { machines, problems }
}

function importedMachine(found: FoundMachine & { readonly root: string }): ImportedMachine {
  const { subject, target, root } = found
  const own = ownPaths(found).map((path) => shownPath(path, root))
  const differences = target.differences.map((text) => text.replaceAll(`${root}/`, ''))
  const doubts = newerSources(found).map(({ source, disk }) => {
    const [newer, older] = [source, disk].map((path) => shownPath(path, root))
    return `${newer} was written to after ${older}: what came since is not copied`
  })
  return { name: subject.machine.name, own, differences, doubts }
}

async function looked(
  subject: Subject,
  { cutOver }: ImportRequest,
  takeOver: TakeOver,
  { context }: Session,
  signal: AbortSignal,
) {
  const unfit = cutOver ? unfitTarget(subject.machine) : undefined
  if (unfit) throw problem('IMPORT_REFUSED', unfit.summary, { hint: 'import it without --cut-over' })
  const found = await findMachine(subject, cutOver, context, signal)
  takeOver(found)
  return { ...found, root: context.root }
}

async function adopted(
  found: FoundMachine,
  cutOver: CutoverRequest | undefined,
  state: StateStore,
  writer: StateWriter,
  { context, clock }: Session,
  signal: AbortSignal,
): Promise<void> {
  const { machine } = found.subject
  const { stages, artifacts } = await adoptable(found, cutOver, context, signal)
  // Reading the disks may have taken hours.
  for (const { path } of artifacts) {
    const owner = state.artifact(path)?.machine
    if (owner !== undefined) throw ofAnother(path, owner, context.root)
  }
  const { uuid } = found.target.published
  const own = domainUuid({ workspace: context.workspace, name: nameInWorld(machine) })
  await writer.adopt({
    machine: machine.name,
    file: machine.file,
    onRemove: machine.steering.onRemove,
    ...(machine.madeAs === undefined ? {} : { madeAs: machine.madeAs }),
    ...(uuid === own ? {} : { domainUuid: uuid }),
    stages,
    artifacts,
    at: clock.now(),
  })
}

// One that only a pattern means, and the state knows, is left out.
function isAsked(name: string, { addresses }: ImportRequest, records: Records): boolean {
  if (addresses.some((address) => parseAddress(address).machine === name)) refuseKnown(name, records)
  return !records.has(name)
}

function refuseKnown(name: string, records: Records): void {
  if (!records.has(name)) return
  throw problem('NAME_DUPLICATE', `${addressOf(name)}: the state knows it already`, {
    hint: `h2k state show ${addressOf(name)}; h2k state rm ${addressOf(name)} makes it forget`,
  })
}

function madeAsIn(records: Records, { addresses, madeAs }: ImportRequest): Records {
  const [address, ...others] = addresses
  if (madeAs === undefined || address === undefined) return records
  if (others.length > 0 || address.includes('*')) {
    throw problem('USAGE', '--made-as is for one machine')
  }
  if (madeAs === '') throw problem('USAGE', '--made-as wants the name that the machine was made by')
  const name = parseAddress(address).machine
  const record: MachineRecord = { name, file: '', serial: 0, onRemove: 'forget', stages: new Map(), deeds: new Map() }
  return new Map([...records, [name, { ...record, ...(name === madeAs ? {} : { madeAs }) }]])
}
