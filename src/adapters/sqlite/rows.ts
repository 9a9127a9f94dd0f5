import type { Json } from '../../core/json.ts'
import { problem } from '../../core/problem.ts'
import type { MachineRecord, OnRemove, StageRecord, StageStatus } from '../../core/record.ts'
import { isStageName, type StageName, stageNames } from '../../core/stage-names.ts'
import { corrupt, type StatePlace } from './failure.ts'

/** A row as SQL has it: null for what a record leaves out. */
export type Nullable<Row> = {
  readonly [Key in keyof Row]-?: undefined extends Row[Key] ? Exclude<Row[Key], undefined> | null : Row[Key]
}

export interface MachineRow {
  readonly name: string
  readonly file: string
  readonly serial: number
  readonly forgottenAt: string | null
  readonly onRemove: OnRemove
}

/** All of a stage but its input. */
export interface StageRow {
  readonly machine: string
  readonly stage: string
  readonly status: StageStatus
  readonly attempt: number
  readonly fingerprint: string
  readonly bytes: number
  readonly bytesDone: number
  readonly seconds: number
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly runId: string
  readonly message: string | null
  readonly tools: string
  readonly output: string | null
}

/** A record for a row: what is null there is not there. */
export function recordOf<Row extends object>(row: Nullable<Row>): Row {
  // The mapped type says the same, but no narrowing can follow it member by member.
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row
}

/** The machine of a row, with its stages in the order in which they run. */
export function machineRecord(row: MachineRow, stages: readonly StageRecord[]): MachineRecord {
  const { name, file, serial, forgottenAt, onRemove } = row
  const ordered = stages.toSorted((a, b) => stageNames.indexOf(a.stage) - stageNames.indexOf(b.stage))
  const byName = new Map(ordered.map((record) => [record.stage, record]))
  return { name, file, serial, onRemove, ...(forgottenAt !== null && { forgottenAt }), stages: byName }
}

/** Reads the columns that hold JSON. */
export function stageRecord(row: StageRow, place: StatePlace): StageRecord {
  const { machine, stage, output, tools, message, finishedAt, ...rest } = row
  const where = `machine.${machine}/${stage}`
  return {
    ...rest,
    stage: stageNameOf(stage, place),
    tools: toolsOf(parseJson(tools, `tools of ${where}`, place)),
    ...(output !== null && { output: parseJson(output, `output of ${where}`, place) }),
    ...(message !== null && { message }),
    ...(finishedAt !== null && { finishedAt }),
  }
}

/** @throws ProblemError STATE_NEWER when this h2k has no such stage */
export function stageNameOf(stage: string, place: StatePlace): StageName {
  if (isStageName(stage)) return stage
  throw problem('STATE_NEWER', `${place.path}: the state knows a stage "${stage}" that this h2k does not`, {
    hint: 'run the h2k version that last changed it, or a newer one',
  })
}

/** @throws ProblemError STATE_CORRUPT */
export function parseJson(text: string, what: string, place: StatePlace): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw corrupt(place, `the ${what} is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function toolsOf(json: Json): Readonly<Record<string, string>> {
  if (typeof json !== 'object' || json === null) return {}
  return Object.fromEntries(Object.entries(json).map(([tool, version]) => [tool, String(version)]))
}
