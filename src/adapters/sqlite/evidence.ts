import type { Json } from '../../core/json.ts'
import type { Evidence } from '../../core/record.ts'
import type { Connection } from './connect.ts'
import type { StatePlace } from './failure.ts'
import { parseJson, recordedNameOf, toolsOf } from './rows.ts'

interface EvidenceRow {
  readonly stage: string
  readonly at: string
  readonly evidence: string | null
}

// What is large, and no report shows, only the stage itself keeps.
const withoutOutput: ReadonlySet<string> = new Set(['preflight', 'inspect', 'fix', 'validate', 'boot_test'])

/** What the history keeps of an attempt that was done. `output` and `tools` are JSON. */
export function evidenceOf(stage: string, output: string | null, tools: string): string {
  return withoutOutput.has(stage) || output === null ? `{"tools":${tools}}` : `{"tools":${tools},"output":${output}}`
}

// Of each stage the latest attempt that ended, since the state last forgot the machine, where it was done; an import, or the
// machine's other name, may have brought it.
const latest = `
  SELECT stage, at, evidence FROM history WHERE event IN ('done', 'imported', 'renamed') AND entry IN (
    SELECT max(entry) FROM history WHERE machine = @machine AND at <= @until AND stage IS NOT NULL
      AND entry > (SELECT COALESCE(max(entry), 0) FROM history
        WHERE machine = @machine AND at <= @until AND event = 'removed')
    GROUP BY stage)`

/** Carries over what is known of a machine to its new name. */
export function carryEvidence(db: Connection, runId: string) {
  const carry = db.prepare(
    `INSERT INTO history (at, run_id, machine, stage, event, evidence)
     SELECT at, @runId, @to, stage, 'renamed', evidence FROM (${latest})`,
  )
  return (machine: string, to: string, until: string) => void carry.run({ machine, to, until, runId })
}

/** Reads what had been done with a machine by a moment; undefined where a version that kept nothing of it did some of that. */
export function evidenceReader(db: Connection, place: StatePlace) {
  const select = db.prepare<[{ machine: string; until: string }], EvidenceRow>(latest)
  return (machine: string, until: string): readonly Evidence[] | undefined => {
    const rows = select.all({ machine, until })
    if (rows.length === 0 || rows.some(({ evidence }) => evidence === null)) return undefined
    return rows.map(({ stage, at, evidence }): Evidence => {
      const kept = parseJson(evidence ?? '', `evidence of machine.${machine}/${stage}`, place) as {
        readonly tools: Json
        readonly output?: Json
      }
      const { output, tools } = kept
      return {
        stage: recordedNameOf(stage, place),
        status: 'done',
        finishedAt: at,
        tools: toolsOf(tools),
        ...(output === undefined ? {} : { output }),
      }
    })
  }
}
