import { addressOf } from '../core/address.ts'
import { approvalOf } from '../core/approval.ts'
import { type CutoverRequest, cutoverRequest, verificationText } from '../core/cutover.ts'
import { type CutoverBegun, cutOver, openCutover, type SourceBegun, sourceOff } from '../core/deeds.ts'
import { closedWindow } from '../core/held.ts'
import type { PlannedDeed } from '../core/planned-deed.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import type { SourceMark } from '../core/source-mark.ts'
import type { DomainPlace } from '../ports/domains.ts'
import type { StateStore } from '../ports/state.ts'
import { waitsForOthers } from './cutover-order.ts'
import { driftRefusals, refusal, undone, unfitTarget } from './cutover-refusals.ts'
import type { Survey, WorkspacePlan } from './plan-workspace.ts'
import { publishedDomain } from './published-domain.ts'
import { cutoverBegun } from './recorded-machine.ts'
import type { Session } from './session.ts'
import { otherSource, type SourceForCutover, sourceForCutover } from './source-for-cutover.ts'
import { goesOnWriting } from './source-sight.ts'
import type { Subject } from './stage.ts'
import { describeHook, hooksAt } from './stage-hooks.ts'
import type { Seen } from './subjects.ts'
import { copiesText, shortOf, undoneBeside } from './undone-beside.ts'
import { type WantedParts, wantedParts } from './wanted-machine.ts'

/** A cutover with what doing it needs. */
export interface PlannedCutover extends PlannedDeed {
  readonly work?: {
    readonly subject: Subject
    readonly request: CutoverRequest
    readonly domain: DomainPlace
    /** From then on it starts with its host. */
    readonly autostart?: true
    /** Machines that it does not go before. */
    readonly after: readonly string[]
    /** What is switched off before. */
    readonly source?: SourceBegun
    /** What its source gets once the target works. */
    readonly mark?: SourceMark
    readonly wanted: WantedParts
  }
}

/**
 * What cutting a machine over comes to: whether it may be done, and what it does. Changes nothing. `ahead` are those that go
 * before it in the same run.
 */
export async function planCutover(
  name: string,
  { seen, waves }: Pick<Survey, 'seen' | 'waves'>,
  { plan }: Pick<WorkspacePlan, 'plan'>,
  ahead: ReadonlyMap<string, PlannedCutover>,
  session: Session,
  state: StateStore,
  signal: AbortSignal,
): Promise<PlannedCutover> {
  const one = seen.find(({ desired }) => desired.name === name)
  const record = state.machine(name)
  const base = { name, file: one?.desired.file ?? record?.file ?? '', lines: [], problems: [] }
  const refused = (problems: readonly Problem[]): PlannedCutover => {
    return { ...base, standing: 'refused', head: 'cannot be cut over', problems }
  }
  if (!one) return refused([refusal(name, 'it is not in git, which says how it changes over', 'put it back into git')])
  if ('suspended' in one) return { ...base, standing: 'waits', head: one.suspended.why }
  if (!one.subject) return refused(one.problems)
  const before = record && cutOver(record)
  if (before) return { ...base, standing: 'nothing', head: `was cut over at ${before.ended}` }
  const { subject } = one
  const unfit = unfitTarget(subject.machine)
  if (unfit) return refused([unfit])
  const { context } = session
  const acts = goesOnWriting(subject.machine)
  const planned = plan.machines.find((machine) => machine.name === name)
  const going = record && openCutover(record, cutoverBegun(name, state))
  if (going?.source && !acts) return refused([otherSource(name, going.source)])
  const request = cutoverRequest(one.desired.manifest)
  const how = {
    shutdownSeconds: request.shutdownSeconds,
    converts: planned?.stages.some(({ stage }) => stage === 'convert') ?? false,
    copies: planned ? copiesText(planned, context, state) : '',
  }
  const sight = record && (await sourceForCutover(subject, record, going, how, context, state, signal))
  if (sight && sight.problems.length > 0) return refused(sight.problems)
  const drifted = record ? await driftRefusals(name, acts ? 'target' : 'both', state, context, signal) : []
  const open = async () => {
    if (!planned) return []
    return acts && record
      ? [...(await undoneBeside(one, planned, record, going, context, state, signal)), ...shortOf(plan)]
      : undone(planned, record)
  }
  const problems = drifted.length > 0 ? drifted : await open()
  // Not recorded while its last copy is being published.
  const domain = (record && publishedDomain(record)) ?? going?.target
  if (problems.length > 0 || !record || !domain || !sight) return refused(problems)
  if (!going && (await context.domains.standing(domain, signal)) === 'on') {
    const summary = `the domain ${printable(domain.name)} runs already, and the cutover starts it`
    return refused([
      refusal(name, summary, `shut it down: virsh -c '${domain.uri}' shutdown ${printable(domain.name)}`),
    ])
  }
  const dependsOn = one.desired.dependsOn ?? []
  const waits = [
    ...whatFor(one, request, record, going, waves, session.clock.now()),
    ...waitsForOthers(dependsOn, ahead, (other) => state.machine(other)),
  ]
  if (waits.length > 0) return { ...base, standing: 'waits', head: `waits: ${waits.join('; ')}` }
  const head = going ? `will be cut over, going on since ${going.begun}` : 'will be cut over'
  const { target } = subject.machine
  const autostart = target.kind === 'libvirt' && target.autostartAtCutover
  const { begun: source, mark } = sight
  const work = {
    ...{ subject, request, domain, after: dependsOn, wanted: wantedParts(subject.machine, context) },
    ...(autostart ? { autostart } : {}),
    ...(source ? { source } : {}),
    ...(mark ? { mark } : {}),
  }
  return { ...base, standing: 'acts', head, lines: linesOf(work, sight.lines), work }
}

function whatFor(
  { desired, subject }: Seen,
  { at, requireApproval }: CutoverRequest,
  record: MachineRecord,
  going: CutoverBegun | undefined,
  waves: Survey['waves'],
  now: string,
): readonly string[] {
  const wave = desired.wave && waves[desired.wave.index]
  const closed = wave && closedWindow(wave, now)
  const early = at !== undefined && Date.parse(now) < Date.parse(at)
  const dry = subject?.machine.steering.dryRun ? ['options.dry_run: it is only planned'] : []
  // With its source off, to wait would only make the downtime longer.
  if (going && sourceOff(record, going.begun)) return dry
  const approved = approvalOf(record, going, now)
  return [
    ...dry,
    ...(early ? [`cutover.at: not before ${at}`] : []),
    ...(closed ? [closed.why] : []),
    ...(requireApproval && !approved ? [`cutover.require_approval: h2k approve ${addressOf(record.name)}`] : []),
  ]
}

function linesOf(
  { subject: { machine }, request, domain, autostart, source }: NonNullable<PlannedCutover['work']>,
  ofSource: SourceForCutover['lines'],
): PlannedDeed['lines'] {
  const hooks = (point: 'pre_cutover' | 'post_cutover') =>
    hooksAt(point, machine.hooks).map((hook) => ['hook', describeHook(hook)] as const)
  const { onFailure, verify, shutdownSeconds } = request
  return [
    ...hooks('pre_cutover'),
    ...ofSource,
    ['target', `domain ${printable(domain.name)} of ${printable(domain.uri)} is started`],
    ['verify', verificationText(verify)],
    ...(autostart ? [['target', 'from then on it starts with its host'] as const] : []),
    ...hooks('post_cutover'),
    [
      'failure',
      onFailure === 'keep'
        ? 'leaves it as it is'
        : `rolls it back: shut down within ${shutdownSeconds} s, else switched off${source?.wasOn ? '; then the source is started again' : ''}`,
    ],
  ]
}
