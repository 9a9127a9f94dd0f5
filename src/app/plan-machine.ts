import { addressOf } from '../core/address.ts'
import { comparableMachine } from '../core/comparable-machine.ts'
import type { Decision } from '../core/decision.ts'
import { cutOver, cutoverStanding } from '../core/deeds.ts'
import { keysOfField } from '../core/field-keys.ts'
import { portableFingerprint } from '../core/fingerprint.ts'
import type { StageOutputs } from '../core/outputs.ts'
import { actionOf, idle, type PlannedMachine, type PlannedStage } from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import type { Artifact, MachineRecord } from '../core/record.ts'
import { portable } from '../core/relocate.ts'
import type { StageName } from '../core/stage-names.ts'
import type { DiskUsage } from '../ports/source.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { type DecidedStage, decideStages } from './decide-stages.ts'
import { diskWritten, writtenSince } from './disk-written.ts'
import { fetchWrites } from './fetch-writes.ts'
import { foreseeTarget, unforeseen } from './foresee-target.ts'
import { keptCopies } from './kept-copies.ts'
import type { PlanRequest } from './make-plan.ts'
import { refuseMissingHooks } from './missing-hooks.ts'
import { overlayWrite } from './overlay-write.ts'
import { guestNotes, notesOn, optionsOf } from './plan-notes.ts'
import { remarksOn } from './plan-remarks.ts'
import { type PlannedWrite, plannedWrites } from './planned-writes.ts'
import { rawWrite } from './raw-write.ts'
import { isRedone } from './selection.ts'
import { withoutSwap } from './skipped-swap.ts'
import { sightOfSource } from './source-sight.ts'
import type { Subject } from './stage.ts'
import { describeHook, hooksOf } from './stage-hooks.ts'
import { stagesOf } from './stages/table.ts'
import type { Seen } from './subjects.ts'
import { takenNames } from './taken-names.ts'
import type { Known } from './whereabouts.ts'

/** Compares what git wants of one machine with what was recorded and what is there. */
export async function planMachine(
  { desired, ...sight }: Seen,
  record: MachineRecord | undefined,
  request: Pick<PlanRequest, 'redo' | 'refresh' | 'cutsOver'>,
  context: Context,
  state: StateStore | undefined,
  signal: AbortSignal,
): Promise<{ readonly machine: PlannedMachine; readonly writes?: readonly PlannedWrite[] }> {
  const { name, file } = desired
  const wave = desired.wave ? { wave: desired.wave.name } : {}
  const cutOverAt = record && cutOver(record)?.ended
  const nothing = {
    ...idle({ name, file, serial: record?.serial ?? 0 }),
    ...wave,
    ...(cutOverAt === undefined ? {} : { cutOverAt }),
  }
  if ('suspended' in sight) return { machine: { ...nothing, held: sight.suspended } }
  const { subject, problems } = sight
  if (!subject) return { machine: { ...nothing, action: 'blocked', problems } }
  let artifacts: readonly Artifact[] | undefined
  const recorded = {
    artifacts() {
      artifacts ??= state?.artifacts(name) ?? []
      return artifacts
    },
    cutover: () => cutoverStanding(record),
  }
  const decisions = await decided(async () => {
    refuseMissingHooks(subject, context)
    const { redo, refresh } = request
    const all = {
      ...recorded,
      record: (stage: StageName) => record?.stages.get(stage),
      recordedInput: (stage: StageName) => state?.recordedInput(name, stage),
      redo: (stage: StageName) => isRedone(redo, name, stage),
      refresh,
    }
    return await decideStages(stagesOf(subject.machine), subject, {}, all, context, signal)
  }, subject)
  if ('problems' in decisions) return { machine: { ...nothing, action: 'blocked', problems: decisions.problems } }
  const running = decisions
    .filter(({ decision }) => decision.run)
    .map(({ stage, decision }) => ({ stage, decision: withPlaces(decision, subject) }))
  const wanted = { machine: subject.machine, files: subject.sourceFiles }
  const onRemove = onRemoveChange(subject, record)
  if (running.length === 0) {
    const { notApplied } = subject.machine
    const rest = { ...nothing, action: onRemove ? ('update' as const) : ('noop' as const), notApplied, ...onRemove }
    return { machine: identified(rest, wanted, context.root) }
  }
  const names = new Set(running.map(({ stage }) => stage.name))
  const measured = names.has('convert') ? await measure(subject, context, signal) : { usage: [], problems: [] }
  const copies = request.refresh && !request.cutsOver && names.has('convert')
  const source = copies ? await sightOfSource(subject, context, signal) : { problems: [], notes: [] }
  const looks = request.refresh && names.has('publish')
  const target = looks ? await foreseeTarget(subject, recorded, context, signal) : unforeseen(recorded)
  const { known } = target
  const conversion = running.find(({ stage }) => stage.name === 'convert')?.decision
  const kept = keptCopies(subject, record, conversion, context.files, known)
  const blockers = [
    ...target.problems,
    ...source.problems,
    ...measured.problems,
    ...takenNames(subject, context, state),
    ...throwsAway(decisions, subject, known, context, cutOverAt),
  ]
  const holding = Object.fromEntries(
    decisions.flatMap(({ stage: { name: each }, decision }) =>
      decision.run ? [] : [[each, record?.stages.get(each)?.output]],
    ),
  ) as Partial<StageOutputs>
  const stages = running.map(
    ({ stage, decision }): PlannedStage => ({
      stage: stage.name,
      decision,
      does: [
        stage.describe(subject.machine, measured.usage, context.root, holding),
        ...remarksOn(stage.name, decision, subject, context, known),
        ...(stage.name === 'convert' ? [...kept].map(keptLine) : []),
        ...hookLines(stage.name, subject),
      ].join('\n'),
    }),
  )
  const writes = plannedWrites(subject.machine, names, measured.usage, record, context.files, known, target.places)
  const overlay = names.has('fix') ? overlayWrite(subject.machine, holding.inspect, context) : undefined
  const done = [...(record?.stages.values() ?? [])].some((stage) => stage.status === 'done')
  const planned: PlannedMachine = {
    ...nothing,
    action: actionOf(stages, done, blockers.length > 0),
    stages,
    wanted: comparableMachine(portable(wanted.machine, context.root)),
    readBytes: measured.usage.reduce((sum, disk) => sum + (kept.has(disk.id) ? 0 : disk.fileBytes), 0),
    writeBytes: writes.reduce((sum, { bytes }) => sum + bytes, 0),
    problems: blockers,
    notes: [...source.notes, ...notesOn(subject), ...guestNotes(holding.inspect), ...target.notes],
    notApplied: subject.machine.notApplied,
    ...optionsOf(subject),
    ...onRemove,
  }
  const machine = identified(planned, wanted, context.root)
  const fetches = names.has('export') ? fetchWrites(subject.machine, measured.usage, context) : []
  const raw = names.has('convert') ? rawWrite(subject.machine, measured.usage) : undefined
  const scratch = [...fetches, ...[overlay, raw].filter((write) => write !== undefined)]
  return blockers.length > 0 ? { machine } : { machine, writes: [...writes, ...scratch] }
}

/** Only a saved plan, or a comparison with one, asks this of the thousands of machines with which nothing is done. */
function identified(
  machine: PlannedMachine,
  wanted: Pick<Subject, 'machine'> & { readonly files: Subject['sourceFiles'] },
  root: string,
): PlannedMachine {
  let desired: string | undefined
  let sources: PlannedMachine['sources'] | undefined
  return {
    ...machine,
    get desired() {
      desired ??= portableFingerprint(wanted, root)
      return desired
    },
    get sources() {
      sources ??= portable(wanted.files, root)
      return sources
    },
  }
}

function keptLine(id: string): string {
  return `${printable(id)} stays as it was copied: its source is the same, by its times or its digest`
}

/** What machines wrote, and a change of the conversion would replace. */
function throwsAway(
  decisions: readonly DecidedStage[],
  { machine, place }: Subject,
  known: Known,
  { files }: Context,
  cutOverAt: string | undefined,
): readonly Problem[] {
  const convert = decisions.find(({ stage }) => stage.name === 'convert')?.decision
  if (!convert?.run || convert.why === 'redo') return []
  if (convert.why !== 'changed' && cutOverAt === undefined) return []
  return machine.disks.flatMap(({ id }, index) => {
    const path = writtenSince(id, files, known)
    if (path === undefined) return []
    return [{ ...diskWritten(machine.name, id, path), at: place(['disks', index]), address: addressOf(machine.name) }]
  })
}

/** Says where git has each new value. */
function withPlaces(decision: Decision, { machine, said }: Subject): Decision {
  if (!decision.run || decision.why !== 'changed') return decision
  const changes = decision.changes.map((change) => {
    const at = said(keysOfField(change.path, machine))
    return at ? { ...change, at } : change
  })
  return { ...decision, changes }
}

function onRemoveChange({ machine }: Subject, record: MachineRecord | undefined) {
  const { onRemove: to } = machine.steering
  const from = record?.onRemove ?? 'forget'
  return from === to ? undefined : { onRemove: { from, to } }
}

// A target that does not answer says nothing of what is there. Whatever is
// wrong with one machine does not hide the others.
async function decided<T>(
  decide: () => Promise<T>,
  { machine, place }: Subject,
): Promise<T | { problems: readonly Problem[] }> {
  try {
    return await decide()
  } catch (error) {
    const problems = problemsOrBug(error)
    const where = { at: place(['target']), address: addressOf(machine.name) }
    return { problems: problems.map((problem) => ({ ...where, ...problem })) }
  }
}

function hookLines(stage: StageName, { machine }: Subject): readonly string[] {
  return hooksOf(stage, machine).map((hook) => `hook ${describeHook(hook)}`)
}

async function measure(
  { machine, place: placeOf }: Subject,
  context: Context,
  signal: AbortSignal,
): Promise<{ usage: readonly DiskUsage[]; problems: readonly Problem[] }> {
  try {
    const usage = await context.source.measure(machine.source, machine.disks, signal)
    return { usage: await withoutSwap(machine, usage, context, signal), problems: [] }
  } catch (error) {
    signal.throwIfAborted()
    const problems = problemsOrBug(error)
    const at = placeOf(machine.source.provider === 'local' ? ['disks'] : ['source', 'path'])
    const place = { at, address: addressOf(machine.name) }
    return { usage: [], problems: problems.map((problem) => ({ ...problem, ...place })) }
  }
}
