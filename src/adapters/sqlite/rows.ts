import type { Json } from '../../core/json.ts'
import { problem } from '../../core/problem.ts'
import type { MachineRecord, OnRemove, StageRecord, StageStatus } from '../../core/record.ts'
import {
  deedNames,
  isDeedName,
  isStageName,
  type RecordedName,
  type StageName,
  stageNames,
} from '../../core/stage-names.ts'
import { corrupt, type StatePlace } from './failure.ts'

/** A row as SQL has it: null for what a record leaves out. */
export type Nullable<Row> = {
  readonly [Key in keyof Row]-?: undefined extends Row[Key] ? Exclude<Row[Key], undefined> | null : Row[Key]
}

export interface MachineRow {
  readonly name: string
  readonly file: string
  readonly madeAs: string | null
  readonly domainUuid: string | null
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
export function machineRecord(row: MachineRow, recorded: readonly StageRecord<RecordedName>[]): MachineRecord {
  const { name, file, madeAs, domainUuid, serial, forgottenAt, onRemove } = row
  const byName = new Map(recorded.map((record) => [record.stage, record]))
  const stages = new Map(stageNames.flatMap((stage) => entryOf(byName.get(stage), isStageName)))
  const deeds = new Map(deedNames.flatMap((deed) => entryOf(byName.get(deed), isDeedName)))
  const optional = {
    ...(madeAs !== null && { madeAs }),
    ...(domainUuid !== null && { domainUuid }),
    ...(forgottenAt !== null && { forgottenAt }),
  }
  return { name, file, serial, onRemove, ...optional, stages, deeds }
}

function entryOf<Name extends RecordedName>(
  record: StageRecord<RecordedName> | undefined,
  is: (name: string) => name is Name,
): [Name, StageRecord<Name>][] {
  return record && is(record.stage) ? [[record.stage, { ...record, stage: record.stage }]] : []
}

/** Reads the columns that hold JSON. */
export function stageRecord(row: StageRow, place: StatePlace): StageRecord<RecordedName> {
  const { machine, stage, output, tools, message, finishedAt, ...rest } = row
  const where = `machine.${machine}/${stage}`
  return {
    ...rest,
    stage: recordedNameOf(stage, place),
    tools: toolsOf(parseJson(tools, `tools of ${where}`, place)),
    ...(output !== null && { output: parseJson(output, `output of ${where}`, place) }),
    ...(message !== null && { message }),
    ...(finishedAt !== null && { finishedAt }),
  }
}

/** @throws ProblemError STATE_NEWER when this h2k has no such stage */
export function recordedNameOf(stage: string, place: StatePlace): RecordedName {
  if (isStageName(stage) || isDeedName(stage)) return stage
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

export function toolsOf(json: Json): Readonly<Record<string, string>> {
  if (typeof json !== 'object' || json === null) return {}
  return Object.fromEntries(Object.entries(json).map(([tool, version]) => [tool, String(version)]))
}

/** @throws ProblemError STATE_NEWER when this h2k has no such stage */
export function stageNameOf(stage: string, place: StatePlace): StageName {
  const name = recordedNameOf(stage, place)
  if (isStageName(name)) return name
  throw corrupt(place, `${name} is no stage`)
}
