import type { RunStart, StateWriter } from '../../ports/state.ts'
import { begin } from './begin.ts'
import { fence } from './fence.ts'
import type { Write } from './group-commit.ts'
import type { OpenDatabase } from './open-database.ts'
import { usePlan } from './use-plan.ts'
import { changeStatements } from './writes.ts'

/** A writer, and how to leave it without its `end`. */
export interface OpenWriter {
  readonly writer: StateWriter
  /** Whether it holds the machine: then nobody else changes what is recorded of it. */
  holds(machine: string): boolean
  /** Commits what waits and gives no more signs of life; the locks stay until somebody finds their holder dead. */
  stop(): void
}

/** Begins a run. `changed` is called for each machine of which something is written. */
export function openWriter(
  opened: OpenDatabase,
  run: RunStart,
  named: readonly string[],
  changed: (machine: string) => void,
): OpenWriter {
  const token = begin(opened, run, named)
  const machines: ReadonlySet<string> = new Set(named)
  const changes = changeStatements(opened.db, run.id)
  const fenced = fence(opened, { runId: run.id, command: run.command, token, machines }, changes.touch)

  const fenceFor = (machine: string, write: Write): Write => {
    return (serial) => {
      if (!machines.has(machine)) return new Error(`run ${run.id} did not begin with ${machine}`)
      fenced.hold(machine, serial)
      changed(machine)
      return write(serial)
    }
  }
  const change = (machine: string, write: Write) => fenced.add(fenceFor(machine, write))
  /** An artifact belongs to the machine that it was intended for, which only the state knows. */
  const changeArtifact = (path: string, write: Write) =>
    fenced.add((serial) => {
      const machine = changes.ownerOf(path)
      return machine === undefined ? write(serial) : fenceFor(machine, write)(serial)
    })

  // Who had it has it no longer.
  const takenFrom = (path: string) => {
    const owner = changes.ownerOf(path)
    if (owner !== undefined) changed(owner)
  }

  const noteOfRun = (statement: typeof opened.runs.foresee, note: object) =>
    fenced.add(() => void statement.run({ ...note, runId: run.id }))

  const writer: StateWriter = {
    runId: run.id,
    token,
    async started(intent) {
      const row = { ...intent, input: JSON.stringify(intent.input) }
      await change(intent.machine, (serial) => void changes.started(row, serial))
    },
    usePlan: (planId) => fenced.add(() => usePlan(opened, planId, run.id)),
    foresee: (foreseen) => noteOfRun(opened.runs.foresee, { foreseen: JSON.stringify(foreseen) }),
    settle: (settled) => noteOfRun(opened.runs.settle, { settled: JSON.stringify(settled) }),
    progressed(machine, stage, bytesDone) {
      const write = fenceFor(machine, () => changes.progressed({ machine, stage, bytesDone }))
      fenced.addQuietly(write)
    },
    async done({ output, tools, ...outcome }) {
      const row = { ...outcome, output: JSON.stringify(output), tools: JSON.stringify(tools), message: null }
      await change(outcome.machine, () => changes.finished({ ...row, status: 'done' }))
    },
    failed: (outcome) => change(outcome.machine, () => changes.finished({ ...outcome, output: null, tools: '{}' })),
    intend: (artifact) =>
      change(artifact.machine, () => {
        takenFrom(artifact.path)
        changes.intended(artifact)
        return undefined
      }),
    async made(path, evidence) {
      const text = JSON.stringify(evidence)
      await changeArtifact(path, () => changes.made(path, text))
    },
    removed: (path) => changeArtifact(path, () => void changes.removed(path)),
    onRemove: (machine, policy) => change(machine, () => changes.onRemove(machine, policy)),
    forget: (machine, at, message) => change(machine, () => changes.forgotten(machine, at, message)),
    rename: (from, to, at) =>
      change(from, (serial) => {
        fenced.hold(to, serial)
        changed(to)
        return changes.renamed(from, to, at)
      }),
    async adopt({ madeAs = null, domainUuid = null, ...adopted }) {
      const row = {
        ...adopted,
        madeAs,
        domainUuid,
        stages: adopted.stages.map(({ input, output, ...stage }) => {
          return { ...stage, input: JSON.stringify(input), output: JSON.stringify(output) }
        }),
        artifacts: adopted.artifacts.map(({ evidence, ...artifact }) => {
          return { ...artifact, evidence: JSON.stringify(evidence) }
        }),
      }
      await change(adopted.machine, (serial) => {
        for (const { path } of adopted.artifacts) takenFrom(path)
        changes.adopted(row, serial)
        return undefined
      })
    },
    drop: (machine, at) => change(machine, () => changes.dropped(machine, at)),
    async end(finish) {
      fenced.end(() => opened.runs.end.run({ ...finish, runId: run.id }))
    },
  }
  return { writer, holds: (machine) => machines.has(machine) && !fenced.isOver(), stop: fenced.stop }
}
