import { addressOf } from '../../core/address.ts'
import type { Artifact, HistoryEntry, OnRemove } from '../../core/record.ts'
import type { Adopted, Intent, Outcome } from '../../ports/state.ts'
import type { Connection } from './connect.ts'
import { carryEvidence, evidenceOf } from './evidence.ts'

/** An outcome with what a failed and a done attempt have each; null is what the other has. */
export interface Finish extends Outcome {
  readonly status: 'done' | 'failed' | 'interrupted'
  readonly output: string | null
  readonly tools: string
  readonly message: string | null
}

/** A machine that was there before, with JSON as text. */
export interface AdoptedRow extends Pick<Adopted, 'machine' | 'file' | 'onRemove' | 'at'> {
  readonly madeAs: string | null
  readonly domainUuid: string | null
  readonly stages: readonly (Omit<Adopted['stages'][number], 'input' | 'output'> & {
    readonly input: string
    readonly output: string
  })[]
  readonly artifacts: readonly (Omit<Adopted['artifacts'][number], 'evidence'> & { readonly evidence: string })[]
}

/**
 * The changes a run makes. Each belongs into a transaction of its caller, which knows that the lock is held; one that does
 * not fit what is recorded changes nothing and returns why.
 */
export function changeStatements(db: Connection, runId: string) {
  const machine = db.prepare(
    `INSERT INTO machines (name, file, serial, on_remove) VALUES (@machine, @file, @serial, @onRemove)
     ON CONFLICT (name) DO UPDATE SET file = excluded.file, serial = excluded.serial, on_remove = excluded.on_remove,
       forgotten_at = NULL`,
  )
  const start = db.prepare(
    `INSERT INTO stages (machine, stage, status, attempt, fingerprint, bytes, bytes_done, seconds, started_at, finished_at,
       run_id, message, tools, output, input)
     VALUES (@machine, @stage, 'started', @attempt, @fingerprint, @bytes, 0, 0, @startedAt, NULL,
       @runId, NULL, '{}', NULL, @input)
     ON CONFLICT (machine, stage) DO UPDATE SET status = excluded.status, attempt = excluded.attempt,
       fingerprint = excluded.fingerprint, bytes = excluded.bytes, bytes_done = 0, seconds = 0,
       started_at = excluded.started_at, finished_at = NULL, run_id = excluded.run_id, message = NULL,
       tools = excluded.tools, output = NULL, input = excluded.input`,
  )
  const running = `machine = @machine AND stage = @stage AND status = 'started' AND run_id = @runId`
  const progress = db.prepare(`UPDATE stages SET bytes_done = @bytesDone WHERE ${running}`)
  const finish = db.prepare<unknown[], { attempt: number; bytes: number }>(
    `UPDATE stages SET status = @status, output = @output, message = @message, tools = @tools, seconds = @seconds,
       finished_at = @finishedAt, bytes_done = CASE WHEN @status = 'done' THEN bytes ELSE bytes_done END
     WHERE ${running} RETURNING attempt, bytes_done AS bytes`,
  )
  const remember = db.prepare(
    `INSERT INTO history (at, run_id, machine, stage, event, attempt, bytes, seconds, message, evidence)
     VALUES (@at, @runId, @machine, @stage, @event, @attempt, @bytes, @seconds, @message, @evidence)`,
  )
  const intend = db.prepare(
    `INSERT INTO artifacts (path, machine, stage, status, fingerprint, evidence)
     VALUES (@path, @machine, @stage, 'intended', @fingerprint, NULL)
     ON CONFLICT (path) DO UPDATE SET machine = excluded.machine, stage = excluded.stage, status = excluded.status,
       fingerprint = excluded.fingerprint, evidence = NULL`,
  )
  const made = db.prepare(`UPDATE artifacts SET status = 'made', evidence = @evidence WHERE path = @path`)
  const removed = db.prepare<[string]>('DELETE FROM artifacts WHERE path = ?')
  const forget = db.prepare<[string, string]>(
    // With the last thing that was made its name is free.
    `UPDATE machines SET forgotten_at = ?,
       made_as = CASE WHEN EXISTS (SELECT 1 FROM artifacts WHERE machine = machines.name) THEN made_as END,
       domain_uuid = CASE WHEN EXISTS (SELECT 1 FROM artifacts WHERE machine = machines.name) THEN domain_uuid END
     WHERE name = ?`,
  )
  const onRemove = db.prepare<[string, string]>('UPDATE machines SET on_remove = ? WHERE name = ?')
  const touch = db.prepare<[number, string]>('UPDATE machines SET serial = ? WHERE name = ?')
  const ownerOf = db.prepare<[string], string>('SELECT machine FROM artifacts WHERE path = ?').pluck()
  const notRunning = (at: Outcome | { machine: string; stage: string }) =>
    new Error(`${at.machine}/${at.stage} was not started by run ${runId}`)

  const notKnown = (name: string) => new Error(`the state has no machine ${name}`)

  const copyMachine = db.prepare(
    `INSERT INTO machines (name, file, serial, forgotten_at, on_remove, made_as, domain_uuid)
     SELECT @to, file, serial, forgotten_at, on_remove, NULLIF(COALESCE(made_as, name), @to), domain_uuid FROM machines
     WHERE name = @from`,
  )
  const moveStages = db.prepare('UPDATE stages SET machine = @to WHERE machine = @from')
  const moveArtifacts = db.prepare('UPDATE artifacts SET machine = @to WHERE machine = @from')
  const deleteStages = db.prepare('DELETE FROM stages WHERE machine = @from')
  const deleteArtifacts = db.prepare('DELETE FROM artifacts WHERE machine = @from')
  const deleteMachine = db.prepare('DELETE FROM machines WHERE name = @from')
  const identify = db.prepare('UPDATE machines SET made_as = @madeAs, domain_uuid = @domainUuid WHERE name = @machine')
  const nothing = { stage: null, attempt: null, bytes: null, seconds: null, message: null, evidence: null }
  const carry = carryEvidence(db, runId)
  const note = (name: string, event: HistoryEntry['event'], at: string, message: string | null) => {
    remember.run({ ...nothing, at, runId, machine: name, event, message })
  }

  return {
    started(intent: Omit<Intent, 'input'> & { readonly input: string }, serial: number): void {
      machine.run({ machine: intent.machine, file: intent.file, onRemove: intent.onRemove, serial })
      start.run({ ...intent, runId })
    },
    progressed(at: { readonly machine: string; readonly stage: string; readonly bytesDone: number }) {
      return progress.run({ ...at, runId }).changes === 0 ? notRunning(at) : undefined
    },
    finished({ finishedAt: at, ...outcome }: Finish) {
      const row = finish.get({ ...outcome, finishedAt: at, runId })
      if (row === undefined) return notRunning({ ...outcome, finishedAt: at })
      const { stage, output, status, tools } = outcome
      const evidence = status === 'done' ? evidenceOf(stage, output, tools) : null
      remember.run({ ...outcome, ...row, at, runId, event: status, evidence })
      return undefined
    },
    intended: (artifact: Omit<Artifact, 'status' | 'evidence'>) => void intend.run({ ...artifact }),
    made(path: string, evidence: string) {
      const { changes } = made.run({ path, evidence })
      return changes === 0 ? new Error(`${path} was not intended before it was made`) : undefined
    },
    removed: (path: string) => void removed.run(path),
    onRemove(name: string, policy: OnRemove) {
      return onRemove.run(policy, name).changes === 0 ? notKnown(name) : undefined
    },
    forgotten(name: string, at: string, message: string | undefined) {
      if (forget.run(at, name).changes === 0) return notKnown(name)
      note(name, 'forgotten', at, message ?? null)
      return undefined
    },
    renamed(from: string, to: string, at: string) {
      if (copyMachine.run({ from, to }).changes === 0) return notKnown(from)
      for (const statement of [moveStages, moveArtifacts]) statement.run({ from, to })
      deleteMachine.run({ from })
      carry(from, to, at)
      note(from, 'renamed', at, `is ${addressOf(to)} now`)
      note(to, 'renamed', at, `was ${addressOf(from)}`)
      return undefined
    },
    adopted({ stages, artifacts, at, ...adopted }: AdoptedRow, serial: number): void {
      machine.run({ ...adopted, serial })
      identify.run(adopted)
      for (const { output, ...stage } of stages) {
        const attempt = { machine: adopted.machine, stage: stage.stage, runId }
        start.run({ ...attempt, ...stage, attempt: 1, bytes: 0, startedAt: at })
        finish.get({ ...attempt, output, status: 'done', message: null, tools: '{}', seconds: 0, finishedAt: at })
        remember.run({ ...nothing, ...attempt, at, event: 'imported', evidence: evidenceOf(stage.stage, output, '{}') })
      }
      for (const { evidence, ...artifact } of artifacts) {
        intend.run({ ...artifact, machine: adopted.machine })
        made.run({ path: artifact.path, evidence })
      }
      note(adopted.machine, 'imported', at, null)
    },
    dropped(from: string, at: string) {
      for (const statement of [deleteStages, deleteArtifacts]) statement.run({ from })
      if (deleteMachine.run({ from }).changes === 0) return notKnown(from)
      note(from, 'removed', at, null)
      return undefined
    },
    /** Notes the serial of a machine's last change. */
    touch: (name: string, serial: number) => void touch.run(serial, name),
    /** The machine that an artifact belongs to. */
    ownerOf: (path: string) => ownerOf.get(path),
  }
}
