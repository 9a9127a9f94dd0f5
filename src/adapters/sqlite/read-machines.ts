import type { Json } from '../../core/json.ts'
import type { MachineRecord, StageRecord } from '../../core/record.ts'
import type { RecordedName } from '../../core/stage-names.ts'
import type { Connection } from './connect.ts'
import type { StatePlace } from './failure.ts'
import { type MachineRow, machineRecord, parseJson, type StageRow, stageRecord } from './rows.ts'

const machineColumns =
  'name, file, made_as AS madeAs, domain_uuid AS domainUuid, serial, forgotten_at AS forgottenAt, on_remove AS onRemove'
const stageColumns = `
  machine, stage, status, attempt, fingerprint, bytes, bytes_done AS bytesDone, seconds, started_at AS startedAt,
  finished_at AS finishedAt, run_id AS runId, message, tools, output`

/** Reads what is recorded of machines. */
export function machineReader(db: Connection, place: StatePlace) {
  const allMachines = db.prepare<[], MachineRow>(`SELECT ${machineColumns} FROM machines ORDER BY name`)
  const allStages = db.prepare<[], StageRow>(`SELECT ${stageColumns} FROM stages`)
  const oneMachine = db.prepare<[string], MachineRow>(`SELECT ${machineColumns} FROM machines WHERE name = ?`)
  const stagesOf = db.prepare<[string], StageRow>(`SELECT ${stageColumns} FROM stages WHERE machine = ?`)
  const input = db.prepare<[string, string], string>('SELECT input FROM stages WHERE machine = ? AND stage = ?').pluck()
  const ownChanges = db.prepare<[], number>('SELECT total_changes()').pluck()

  // A command asks for all of them again and again, and tens of thousands take their time.
  let kept: { readonly version: string; readonly machines: Map<string, MachineRecord> } | undefined
  // In one transaction, so that another run's commit in between does not show half of it.
  const machines = db.transaction((): Map<string, MachineRecord> => {
    // The first number changes with what others commit, the second with what is written here.
    const version = `${db.pragma('data_version', { simple: true })} ${ownChanges.get()}`
    if (kept?.version === version) return kept.machines
    kept = undefined
    const stages = new Map<string, StageRecord<RecordedName>[]>()
    for (const row of allStages.iterate()) {
      const record = stageRecord(row, place)
      const siblings = stages.get(row.machine)
      if (siblings) siblings.push(record)
      else stages.set(row.machine, [record])
    }
    const all = new Map(
      allMachines.all().map((row) => [row.name, machineRecord(row, stages.get(row.name) ?? [])] as const),
    )
    kept = { version, machines: all }
    return all
  })
  const notForgotten = (all: Map<string, MachineRecord>) =>
    new Map([...all].filter(([, { forgottenAt }]) => forgottenAt === undefined))
  const machine = db.transaction((name: string): MachineRecord | undefined => {
    const row = oneMachine.get(name)
    return (
      row &&
      machineRecord(
        row,
        stagesOf.all(name).map((stage) => stageRecord(stage, place)),
      )
    )
  })

  return {
    machines: (options: { readonly forgotten?: boolean } = {}) =>
      options.forgotten ? new Map(machines()) : notForgotten(machines()),
    machine: (name: string) => machine(name),
    recordedInput(name: string, stage: RecordedName): Json | undefined {
      const text = input.get(name, stage)
      return text === undefined ? undefined : parseJson(text, `input of machine.${name}/${stage}`, place)
    },
  }
}
