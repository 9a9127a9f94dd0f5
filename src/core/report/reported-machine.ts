import { addressOf } from '../address.ts'
import type { ReportedAttempt, ReportedMachine } from '../language/run-report.ts'
import { recordedDisks, recordedOutput } from '../machine-report.ts'
import type { ApprovalOutput } from '../outputs.ts'
import type { Evidence, ForeseenMachine, HistoryEntry, MachineRecord, Settled } from '../record.ts'
import { shownPath } from '../relocate.ts'
import { isStageName } from '../stage-names.ts'
import type { RunFacts } from './run-report.ts'
import { envelope, thousandths } from './span.ts'

interface Known {
  readonly facts: RunFacts
  readonly attempts: readonly ReportedAttempt[]
  readonly planned: ForeseenMachine | undefined
  /** When the run took it out of the state. */
  readonly gone: HistoryEntry | undefined
  readonly settled: Settled | undefined
  readonly record: MachineRecord | undefined
}

/** A machine of a run: what was to be done, what was done, and the evidence as it was at the run's end. */
export function reportedMachine(name: string, known: Known): ReportedMachine {
  const { facts, attempts, planned, record } = known
  const { outcome, why } = outcomeOf(known)
  const done = evidenceOf(name, record, facts)
  const shown = done !== undefined && outcome !== 'destroyed'
  const stages = shown ? done.filter(({ stage }) => isStageName(stage)) : []
  const disks = recordedDisks(stages).map((disk) => ({ ...disk, path: shownPath(disk.path, facts.root) }))
  const published = recordedOutput(stages, 'publish')
  const converted = attempts.filter(({ part, status }) => part === 'convert' && status === 'done')
  const copying = converted.reduce((sum, { seconds }) => sum + seconds, 0)
  const copied = converted.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    machine: name,
    address: addressOf(name),
    manifest: planned?.file ?? record?.file ?? '',
    wave: planned?.wave ?? null,
    action: planned?.action ?? null,
    outcome,
    ...(why === undefined ? {} : { why }),
    ...envelope(attempts),
    worked_bytes: attempts.reduce((sum, { bytes }) => sum + bytes, 0),
    written_bytes: converted.length > 0 ? disks.reduce((sum, { file_bytes: bytes }) => sum + bytes, 0) : 0,
    bytes_per_second: copied > 0 && copying > 0 ? Math.round(copied / copying) : null,
    predicted: planned
      ? {
          read_bytes: Math.round(planned.readBytes),
          write_bytes: Math.round(planned.writeBytes),
          seconds: planned.seconds === undefined ? null : thousandths(planned.seconds),
        }
      : null,
    attempts: [...attempts],
    disks,
    domain: published
      ? { path: shownPath(published.domain.path, facts.root), sha256: published.sha256, uuid: published.uuid }
      : null,
    tools: Object.assign({}, ...stages.map(({ tools }) => tools)),
    approved: shown ? approvalOf(done) : null,
    evidence: done !== undefined,
    log: outcome === 'failed' ? facts.log(name) : '',
  }
}

function isOfThen({ startedAt }: { readonly startedAt: string }, { run }: RunFacts): boolean {
  return run.finishedAt === undefined || startedAt <= run.finishedAt
}

// No two runs work on a machine at once: what began after this one is of a later one.
function evidenceOf(name: string, record: MachineRecord | undefined, facts: RunFacts): readonly Evidence[] | undefined {
  const kept = facts.run.finishedAt === undefined ? undefined : facts.evidence(name)
  if (kept || !record) return kept
  const stages = [...record.stages.values()]
  const deeds = [...record.deeds.values()].filter((deed) => isOfThen(deed, facts))
  return stages.every((stage) => isOfThen(stage, facts)) ? [...stages, ...deeds] : undefined
}

function approvalOf(done: readonly Evidence[]): ReportedMachine['approved'] {
  const approval = done.find(({ stage, status }) => stage === 'approval' && status === 'done')
  if (approval?.output === undefined || approval.finishedAt === undefined) return null
  const { by, until } = approval.output as unknown as ApprovalOutput
  return { by, at: approval.finishedAt, until: until ?? null }
}

function outcomeOf({ facts, attempts, planned, gone, settled }: Known): Pick<ReportedMachine, 'outcome' | 'why'> {
  if (gone) return { outcome: planned?.action === 'destroy' ? 'destroyed' : 'forgotten' }
  const latest = new Map(attempts.map((attempt) => [attempt.part, attempt]))
  const find = (...statuses: readonly ReportedAttempt['status'][]) =>
    [...latest.values()].find(({ status }) => statuses.includes(status))
  const failed = find('failed')
  if (failed) return { outcome: 'failed', why: `${failed.part}: ${failed.message ?? 'it failed'}` }
  const stopped = find('interrupted', 'lost')
  if (stopped) return { outcome: 'interrupted', why: `${stopped.part} ${stopped.status}` }
  const running = find('running')
  if (running) return facts.alive ? { outcome: 'running' } : { outcome: 'interrupted', why: `${running.part} lost` }
  if (settled) return { outcome: settled.outcome, why: settled.why }
  const lastPlanned = planned?.stages.at(-1)
  if (attempts.length > 0 && (lastPlanned === undefined || latest.get(lastPlanned)?.status === 'done'))
    return { outcome: 'done' }
  if (planned?.action === 'blocked')
    return { outcome: 'blocked', ...(planned.why === undefined ? {} : { why: planned.why }) }
  if (planned?.why !== undefined) return { outcome: 'held', why: planned.why }
  if (attempts.length > 0)
    return facts.alive ? { outcome: 'running' } : { outcome: 'interrupted', why: 'stopped between two stages' }
  // Of it only changed what becomes of it once it leaves git.
  if (planned && planned.stages.length === 0 && facts.run.finishedAt !== undefined) return { outcome: 'done' }
  return { outcome: 'not_begun' }
}
