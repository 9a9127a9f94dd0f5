import { addressOf } from '../core/address.ts'
import { approvable, type CutoverBegun, cutoverStanding, type SourceBegun, sourceOff } from '../core/deeds.ts'
import type { PlannedDeed } from '../core/planned-deed.ts'
import { printable } from '../core/printable.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import type { SourceMark } from '../core/source-mark.ts'
import { formatSeconds } from '../core/units.ts'
import type { SeenDomain } from '../ports/domains.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { refusal } from './cutover-refusals.ts'
import { diskWritten, writtenSince } from './disk-written.ts'
import { markText, wantedMark } from './mark-source.ts'
import { cutoverBegun } from './recorded-machine.ts'
import { doubtsElsewhere } from './source-elsewhere.ts'
import { goesOnWriting, notCopied, sourceFaults } from './source-sight.ts'
import type { Subject } from './stage.ts'
import { sourceRuns, sourceStarted } from './switch-source-off.ts'

/** What a cutover does with the source, and why it may not. */
export interface SourceForCutover {
  readonly lines: PlannedDeed['lines']
  readonly problems: readonly Problem[]
  /** Absent where the source is left alone. */
  readonly begun?: SourceBegun
  /** What marks it once its target works. */
  readonly mark?: SourceMark
}

interface How {
  readonly shutdownSeconds: number
  /** There is something to copy already. */
  readonly converts: boolean
  /** How much, for a reader. */
  readonly copies: string
}

/** Looks at the source of a machine that is to be cut over. `going` is the cutover that it goes on with. */
export async function sourceForCutover(
  { machine }: Subject,
  record: MachineRecord,
  going: CutoverBegun | undefined,
  { shutdownSeconds, converts, copies }: How,
  context: Pick<Context, 'domains' | 'files' | 'workspace'>,
  state: StateStore,
  signal: AbortSignal,
): Promise<SourceForCutover> {
  const { name, sourceDomain } = machine
  const refuse = (...problems: readonly Problem[]): SourceForCutover => ({ lines: [], problems })
  if (!sourceDomain) {
    const line = 'files, as they were when they were copied: nothing is done to them'
    return { lines: [['source', line]], problems: [] }
  }
  let seen: SeenDomain
  try {
    // It may have another name by now.
    seen = await context.domains.look(going?.mark?.domain ?? sourceDomain, signal)
  } catch (error) {
    signal.throwIfAborted()
    const address = addressOf(name)
    return refuse(...problemsOrBug(error).map((problem) => ({ address, ...problem })))
  }
  const { place, on, autostart } = seen
  const what = `domain ${printable(place.name)} of ${printable(place.uri)}`
  const left = notCopied(machine, seen, context.files).map((path) => {
    return ['source', `${printable(path)}, which it writes too, is not copied`] as const
  })
  if (!goesOnWriting(machine)) {
    if (on) return refuse(sourceRuns(name, place))
    const doubts = doubtsElsewhere(machine, seen, context.files)
    const others = doubts.filter(({ certain }) => certain)
    if (others.length > 0) return refuse(...refusals(name, others))
    const mark = going?.mark ?? wantedMark(machine, place, context.workspace)
    if (mark && mark.how !== sourceDomain.action) return refuse(otherSource(name, mark))
    const marking = mark ? await context.domains.markFaults(mark, signal) : []
    if (marking.length > 0) return refuse(...refusals(name, marking))
    const starts = autostart ? '; it would start with its host: nothing is done about it' : ''
    return {
      lines: [
        ['source', `${what} is off: ${mark ? 'it stays off' : 'nothing is done to it'}${starts}`],
        ...left,
        ...doubts.map(({ summary }) => ['source', summary] as const),
        ...(mark ? [['source', `it ${markText(mark)} once its target works`] as const] : []),
      ],
      problems: [],
      ...(mark ? { mark } : {}),
    }
  }
  if (going?.mark) return refuse(otherSource(name, going.mark))
  const { domain } = going?.source ?? { domain: place }
  if (going?.source && (domain.uuid !== place.uuid || domain.uri !== place.uri)) {
    return refuse(otherSource(name, going.source))
  }
  const off = going && sourceOff(record, going.begun)
  if (off && on) return refuse(sourceStarted(name, place, off))
  const faults = refusals(name, sourceFaults(machine, seen, context.files))
  const known = { artifacts: () => state.artifacts(name), cutover: () => cutoverStanding(record) }
  const written = machine.disks.flatMap(({ id }) => {
    const path = on || converts ? writtenSince(id, context.files, known) : undefined
    return path === undefined ? [] : [{ ...diskWritten(name, id, path), address: addressOf(name) }]
  })
  const other = otherUser(name, place, state)
  if (faults.length + written.length > 0 || other) return refuse(...faults, ...written, ...(other ? [other] : []))
  const approved = approvable(record)
  const begun = going?.source ?? {
    ...{ domain: place, wasOn: on, autostart },
    ...(approved === undefined ? {} : { approvable: approved }),
  }
  const seconds = formatSeconds(shutdownSeconds)
  const late = sourceDomain.action === 'power_off' ? 'else switched off' : 'else it stays on and nothing is cut over'
  const lines: PlannedDeed['lines'] = [
    ['source', on ? `${what} is shut down within ${seconds}, ${late}` : `${what} is off already`],
    ...(autostart ? [['source', 'it does not start with its host any more'] as const] : []),
    ...left,
    ['copy', `what changed of its disks since they were copied is copied once more while it is off${copies}`],
  ]
  return { lines, problems: [], begun }
}

function refusals(
  name: string,
  faults: readonly { readonly summary: string; readonly hint: string }[],
): readonly Problem[] {
  return faults.map(({ summary, hint }) => refusal(name, summary, hint))
}

/** A cutover that began with one source goes on with no other, and puts it back. */
export function otherSource(name: string, { domain }: Pick<SourceBegun, 'domain'>): Problem {
  const summary = `its cutover began with the source ${printable(domain.name)} of ${printable(domain.uri)}, of which git says something else by now`
  return refusal(name, summary, `h2k rollback ${addressOf(name)}, or put source and source_action back into git`)
}

/** Another machine whose cutover switched the same source off, and was not taken back. */
function otherUser(name: string, { uuid }: SeenDomain['place'], state: StateStore): Problem | undefined {
  for (const record of state.machines().values()) {
    if (record.name === name || cutoverStanding(record) === 'before') continue
    const source = cutoverBegun(record.name, state)?.source
    // One host may be reached under two names, and a domain may have moved: its UUID stays.
    if (source?.domain.uuid !== uuid) continue
    const other = addressOf(record.name)
    return refusal(name, `its source is that of ${other}, whose cutover switched it off`, `h2k rollback ${other}`)
  }
  return undefined
}
