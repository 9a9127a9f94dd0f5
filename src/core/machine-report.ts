import { addressOf } from './address.ts'
import { digestOfDisk } from './claimed-digest.ts'
import type { FileIdentity } from './image.ts'
import { type MachineReport, reportFormat } from './language/reports.ts'
import type { Machine } from './machine.ts'
import type { StageOutputs } from './outputs.ts'
import type { Duration } from './plan.ts'
import type { Evidence, MachineRecord, StageRecord } from './record.ts'
import { type StageName, stageNames } from './stage-names.ts'

interface Facts {
  readonly machine: Machine
  readonly sourceFiles: readonly FileIdentity[]
  readonly outcome: MachineReport['outcome']
  readonly record: MachineRecord | undefined
  readonly runId: string
  readonly version: string
  /** ISO 8601. */
  readonly now: string
  /** Of the run, for this machine alone. */
  readonly seconds: number
  readonly prediction: { readonly readBytes: number; readonly writeBytes: number; readonly duration?: Duration }
  readonly hooks: MachineReport['hooks']
  readonly warnings: MachineReport['warnings']
  readonly errors: MachineReport['errors']
}

/** What is said of a machine when its run has ended, from what the state recorded and the run told. */
export function machineReport(facts: Facts): MachineReport {
  const { machine, record, runId, prediction } = facts
  const stages = stageNames.flatMap((name) => record?.stages.get(name) ?? [])
  const own = stages.filter((stage) => stage.runId === runId)
  const disks = recordedDisks(stages)
  const exported = recordedOutput(stages, 'export')
  const published = recordedOutput(stages, 'publish')
  const copied = own.some(({ stage, status }) => stage === 'convert' && status === 'done')
  return {
    h2k_report: reportFormat,
    timestamp: facts.now,
    run_id: runId,
    h2k_version: facts.version,
    machine: machine.name,
    address: addressOf(machine.name),
    manifest: machine.file,
    outcome: facts.outcome,
    source: {
      provider: machine.source.provider,
      ...(machine.source.provider === 'local' ? {} : { path: machine.source.path }),
      files: facts.sourceFiles.map(({ path, bytes, modified }) => ({ path, bytes, modified })),
    },
    target: { connection: machine.target.connection, directory: machine.target.directory },
    stages: stages.map((stage) => stageOf(stage, runId)),
    disks,
    ...(published ? { domain: { path: published.domain.path, sha256: published.sha256, uuid: published.uuid } } : {}),
    findings: (recordedOutput(stages, 'validate')?.findings ?? []).map(({ rule, severity, subject, evidence }) => {
      return { rule, severity, subject, evidence }
    }),
    hooks: facts.hooks,
    prediction: {
      read_bytes: Math.round(prediction.readBytes),
      write_bytes: Math.round(prediction.writeBytes),
      ...(prediction.duration
        ? { seconds: hundredths(prediction.duration.seconds), basis: prediction.duration.basis }
        : {}),
    },
    actual: {
      worked_bytes: Math.round(own.reduce((sum, { bytesDone }) => sum + bytesDone, 0)),
      written_bytes: copied ? disks.reduce((sum, disk) => sum + disk.file_bytes, 0) : 0,
      seconds: hundredths(facts.seconds),
    },
    warnings: [
      ...(exported?.warnings ?? []).map((message) => ({ stage: 'export' as const, message })),
      ...facts.warnings,
    ],
    errors: facts.errors,
  }
}

function stageOf(record: StageRecord, runId: string): MachineReport['stages'][number] {
  const { stage, status, attempt, seconds, bytes, tools, startedAt, finishedAt, message } = record
  return {
    stage,
    status,
    in_this_run: record.runId === runId,
    attempt,
    seconds: hundredths(seconds),
    bytes: Math.round(bytes),
    tools,
    started_at: startedAt,
    ...(finishedAt === undefined ? {} : { finished_at: finishedAt }),
    ...(message === undefined ? {} : { message }),
  }
}

/** The disks as they were converted, where they lie now: publishing may have moved one. */
export function recordedDisks(stages: readonly Evidence[]): MachineReport['disks'] {
  const exported = recordedOutput(stages, 'export')?.disks
  const placed = recordedOutput(stages, 'publish')?.placed
  return (recordedOutput(stages, 'convert')?.disks ?? []).map(({ id, format, virtualBytes, file, sha256, engine }) => {
    const from = exported?.find((disk) => disk.id === id)
    const digest = from && (digestOfDisk(from) ?? from.arriving?.digest)
    return {
      id,
      path: placed?.find((disk) => disk.id === id)?.file.path ?? file.path,
      format,
      virtual_bytes: virtualBytes,
      file_bytes: file.bytes,
      sha256,
      engine,
      ...(digest === undefined ? {} : { source_digest: digest }),
    }
  })
}

/** What a stage that is done left. */
export function recordedOutput<Name extends StageName>(
  stages: readonly Evidence[],
  name: Name,
): StageOutputs[Name] | undefined {
  const record = stages.find(({ stage, status }) => stage === name && status === 'done')
  return record?.output as unknown as StageOutputs[Name] | undefined
}

function hundredths(seconds: number): number {
  return Math.round(Math.max(0, seconds) * 100) / 100
}
