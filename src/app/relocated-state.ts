import type { Artifact, MachineRecord, StageRecord } from '../core/record.ts'
import { located, portable } from '../core/relocate.ts'
import type { RecordedName } from '../core/stage-names.ts'
import type { StateStore, StateWriter } from '../ports/state.ts'

/** A state that keeps paths into the workspace portable: a checkout elsewhere, such as a CI runner's, finds its disks. */
export function relocatedState(state: StateStore, root: string): StateStore {
  const record = rememberedBy(
    (machine: MachineRecord): MachineRecord => ({
      ...machine,
      stages: allHere(machine.stages),
      deeds: allHere(machine.deeds),
    }),
  )
  const allHere = <Name extends RecordedName>(records: ReadonlyMap<Name, StageRecord<Name>>) => {
    const here = new Map<Name, StageRecord<Name>>()
    for (const [name, stage] of records) here.set(name, stageHere(stage, root))
    return here
  }
  const here = (artifact: Artifact): Artifact => located(artifact, root)
  const listHere = rememberedBy((artifacts: readonly Artifact[]) => artifacts.map(here))
  return {
    ...state,
    serial: () => state.serial(),
    machines: (options) => new Map([...state.machines(options)].map(([name, machine]) => [name, record(machine)])),
    machine(name) {
      const machine = state.machine(name)
      return machine && record(machine)
    },
    artifact(path) {
      const artifact = state.artifact(portable(path, root))
      return artifact && here(artifact)
    },
    artifactsIn: (folder) => state.artifactsIn(portable(folder, root)).map(here),
    artifacts: (machine) => listHere(state.artifacts(machine)),
    evidence: (machine, until) => state.evidence(machine, until)?.map((one) => located(one, root)),
    begin: (run, machines) => relocatedWriter(state.begin(run, machines), root),
  }
}

function relocatedWriter(writer: StateWriter, root: string): StateWriter {
  return {
    ...writer,
    done: (outcome) => writer.done({ ...outcome, output: portable(outcome.output, root) }),
    intend: (artifact) => writer.intend(portable(artifact, root)),
    made: (path, evidence) => writer.made(portable(path, root), portable(evidence, root)),
    adopt: ({ stages, artifacts, ...adopted }) =>
      writer.adopt({
        ...adopted,
        stages: stages.map((stage) => ({ ...stage, output: portable(stage.output, root) })),
        artifacts: portable(artifacts, root),
      }),
    removed: (path) => writer.removed(portable(path, root)),
  }
}

// Most outputs of most machines are never looked at: each is translated when it is.
function stageHere<Name extends RecordedName>(stage: StageRecord<Name>, root: string): StageRecord<Name> {
  const { output, ...rest } = stage
  if (output === undefined) return stage
  let here: typeof output | undefined
  return {
    ...rest,
    get output() {
      here ??= located(output, root)
      return here
    },
  }
}

// The same is asked for many times.
function rememberedBy<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}
