import type { Artifact, HistoryEntry } from '../../core/record.ts'
import type { StageName } from '../../core/stage-names.ts'
import type { Measurement } from '../../ports/state.ts'
import type { Connection } from './connect.ts'
import type { StatePlace } from './failure.ts'
import { type Nullable, parseJson, recordedNameOf, recordOf, stageNameOf } from './rows.ts'

type HistoryRow = Nullable<Omit<HistoryEntry, 'stage'> & { readonly stage?: string }>
type ArtifactRow = Omit<Artifact, 'stage' | 'evidence'> & { readonly stage: string; readonly evidence: string | null }

const historyColumns = 'at, run_id AS runId, machine, stage, event, attempt, seconds, message'
const artifactColumns = 'path, machine, stage, status, fingerprint, evidence'

/** Reads what happened and what was made. */
export function logReader(db: Connection, place: StatePlace) {
  const history = db.prepare<[number], HistoryRow>(`SELECT ${historyColumns} FROM history ORDER BY entry DESC LIMIT ?`)
  const historyOf = db.prepare<[string, number], HistoryRow>(
    `SELECT ${historyColumns} FROM history WHERE machine = ? ORDER BY entry DESC LIMIT ?`,
  )
  const measured = db.prepare<[string, number], Measurement>(
    `SELECT bytes, seconds FROM history WHERE stage = ? AND event = 'done' AND bytes > 0 ORDER BY entry DESC LIMIT ?`,
  )
  const artifact = db.prepare<[string], ArtifactRow>(`SELECT ${artifactColumns} FROM artifacts WHERE path = ?`)
  const artifactsOf = db.prepare<[string], ArtifactRow>(
    `SELECT ${artifactColumns} FROM artifacts WHERE machine = ? ORDER BY path`,
  )

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
    history: ({ machine, limit }: { readonly machine?: string; readonly limit: number }) =>
      (machine === undefined ? history.all(limit) : historyOf.all(machine, limit)).map(entryOf),
    measurements: (stage: StageName, limit: number) => measured.all(stage, limit),
    artifact(path: string): Artifact | undefined {
      const row = artifact.get(path)
      return row && artifactOf(row)
    },
    artifacts: (machine: string) => artifactsOf.all(machine).map(artifactOf),
  }
}
