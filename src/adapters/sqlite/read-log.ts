import type { Artifact, Foreseen, HistoryEntry, Settled } from '../../core/record.ts'
import type { StageName } from '../../core/stage-names.ts'
import type { Measurement, StateStore } from '../../ports/state.ts'
import type { Connection } from './connect.ts'
import { evidenceReader } from './evidence.ts'
import type { StatePlace } from './failure.ts'
import { type Nullable, parseJson, recordedNameOf, recordOf, stageNameOf } from './rows.ts'

type HistoryRow = Nullable<Omit<HistoryEntry, 'stage'> & { readonly stage?: string }>
type ArtifactRow = Omit<Artifact, 'stage' | 'evidence'> & { readonly stage: string; readonly evidence: string | null }

const historyColumns = 'at, run_id AS runId, machine, stage, event, attempt, bytes, seconds, message'
const artifactColumns = 'path, machine, stage, status, fingerprint, evidence'

// Evidence that came to a machine with another name or by an import.
const carried = `(stage IS NOT NULL AND event IN ('imported', 'renamed'))`

/** Reads what happened and what was made. */
export function logReader(db: Connection, place: StatePlace) {
  const newest = (where: string) =>
    `SELECT ${historyColumns} FROM history WHERE ${where} AND NOT ${carried} ORDER BY entry DESC LIMIT ?`
  const history = db.prepare<[number], HistoryRow>(newest('true'))
  const historyOf = db.prepare<[string, number], HistoryRow>(newest('machine = ?'))
  const historyIn = db.prepare<[string, number], HistoryRow>(newest('run_id = ?'))
  const historyOfIn = db.prepare<[string, string, number], HistoryRow>(newest('machine = ? AND run_id = ?'))
  const settled = db.prepare<[string], string | null>('SELECT settled FROM runs WHERE id = ?').pluck()
  const foreseen = db.prepare<[string], string | null>('SELECT foreseen FROM runs WHERE id = ?').pluck()
  const measured = db.prepare<[string, number], Measurement>(
    `SELECT bytes, seconds FROM history WHERE stage = ? AND event = 'done' AND bytes > 0 ORDER BY entry DESC LIMIT ?`,
  )
  const lasted = db
    .prepare<[string, number], number>(
      `SELECT seconds FROM history WHERE stage = ? AND event = 'done' ORDER BY entry DESC LIMIT ?`,
    )
    .pluck()
  const artifact = db.prepare<[string], ArtifactRow>(`SELECT ${artifactColumns} FROM artifacts WHERE path = ?`)
  const artifactsOf = db.prepare<[string], ArtifactRow>(
    `SELECT ${artifactColumns} FROM artifacts WHERE machine = ? ORDER BY path`,
  )

  // Where `/` becomes the character after it, the folder is over: the index by paths is enough.
  const artifactsIn = db.prepare<[string, string], ArtifactRow>(
    `SELECT ${artifactColumns} FROM artifacts WHERE path >= ? AND path < ? ORDER BY path`,
  )

  const rowsOf = (machine: string | undefined, run: string | undefined, limit: number) => {
    if (machine === undefined) return run === undefined ? history.all(limit) : historyIn.all(run, limit)
    return run === undefined ? historyOf.all(machine, limit) : historyOfIn.all(machine, run, limit)
  }
  const entryOf = (row: HistoryRow): HistoryEntry => {
    const { stage, ...rest } = recordOf(row)
    return { ...rest, ...(stage !== undefined && { stage: recordedNameOf(stage, place) }) }
  }
  const artifactOf = ({ stage, evidence, ...row }: ArtifactRow): Artifact => ({
    ...row,
    stage: stageNameOf(stage, place),
    ...(evidence !== null && { evidence: parseJson(evidence, `evidence of ${row.path}`, place) }),
  })

  return {
    history: ({ machine, run, limit }: Parameters<StateStore['history']>[0]) =>
      rowsOf(machine, run, limit).map(entryOf),
    foreseen(runId: string): Foreseen | undefined {
      const text = foreseen.get(runId) ?? undefined
      return text === undefined ? undefined : (parseJson(text, `plan of run ${runId}`, place) as unknown as Foreseen)
    },
    settled(runId: string): readonly Settled[] {
      const text = settled.get(runId) ?? '[]'
      return parseJson(text, `end of run ${runId}`, place) as unknown as readonly Settled[]
    },
    evidence: evidenceReader(db, place),
    measurements: (stage: StageName, limit: number) => measured.all(stage, limit),
    durations: (stage: StageName, limit: number) => lasted.all(stage, limit),
    artifact(path: string): Artifact | undefined {
      const row = artifact.get(path)
      return row && artifactOf(row)
    },
    artifactsIn: (folder: string) => artifactsIn.all(folder, folder.replace(/\/$/, '0')).map(artifactOf),
    artifacts: (machine: string) => artifactsOf.all(machine).map(artifactOf),
  }
}
