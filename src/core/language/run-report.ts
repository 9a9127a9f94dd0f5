import { z } from 'zod'
import { deedNames, stageNames } from '../stage-names.ts'
import { reportedDisk } from './reports.ts'

const text = z.string()
const count = z.int().min(0)
const seconds = z.number().min(0)
const moment = z.iso.datetime().describe('ISO 8601, UTC')

const attempt = z.strictObject({
  part: z.enum([...stageNames, ...deedNames]).describe('a stage, or what a command of its own did'),
  status: z.enum(['running', 'done', 'failed', 'interrupted', 'lost']).describe('lost: its process died'),
  attempt: count.describe('counts over all runs'),
  started_at: moment,
  finished_at: moment.nullable(),
  seconds,
  bytes: count.describe('worked through'),
  message: text.optional(),
})

const disk = reportedDisk.extend({ path: text.describe('relative to the workspace, where it is in it') })

const machine = z.strictObject({
  machine: text.describe('the name as it is in git'),
  address: text.describe('safe to print'),
  manifest: text,
  wave: text.nullable(),
  action: text.nullable().describe('what the plan wanted; null where nothing was planned'),
  outcome: z.enum([
    'done',
    'failed',
    'interrupted',
    'running',
    'held',
    'blocked',
    'forgotten',
    'destroyed',
    'not_begun',
  ]),
  why: text.optional().describe('of an outcome that is not done'),
  started_at: moment.nullable(),
  finished_at: moment.nullable(),
  seconds: seconds.describe('from its first attempt’s begin to its last one’s end'),
  worked_bytes: count,
  written_bytes: count.describe('of the files that this run converted'),
  bytes_per_second: z.number().min(0).nullable().describe('of the conversion'),
  predicted: z.strictObject({ read_bytes: count, write_bytes: count, seconds: seconds.nullable() }).nullable(),
  attempts: z.array(attempt).describe('of this run, in the order in which they began'),
  disks: z.array(disk),
  domain: z.strictObject({ path: text, sha256: text, uuid: text }).nullable(),
  tools: z.record(z.string(), text),
  approved: z.strictObject({ by: text, at: moment, until: text.nullable() }).nullable(),
  evidence: z
    .boolean()
    .describe('false: a later run worked on it again, and the version that did this one kept nothing of it'),
  log: text.describe('of a machine that failed: the end of its log'),
})

const timed = z.strictObject({ machine: text, seconds })

/** `h2k report --format json`: a run, as it was planned and as it went. */
export const runReportSchema = z.strictObject({
  h2k_report: z.literal('1.0'),
  report_type: z.literal('run'),
  workspace: text,
  run: z.strictObject({
    id: text,
    command: text,
    who: text,
    commit: text.nullable(),
    plan_id: text.nullable().describe('of the saved plan that it carried out'),
    h2k_version: text,
    started_at: moment,
    finished_at: moment.nullable(),
    exit_code: count.nullable(),
    outcome: z.enum(['succeeded', 'partial', 'failed', 'interrupted', 'waiting', 'running', 'lost']),
  }),
  counts: z.strictObject({
    total: count.describe('machines that the run had to do with'),
    successful: count,
    failed: count,
    interrupted: count,
    waiting: count.describe('held, or not begun'),
    unchanged: count.describe('as git said already; not among the total'),
    success_rate: z.number().min(0).max(1).nullable().describe('of those that ended well or failed'),
  }),
  predicted: z
    .strictObject({ read_bytes: count, write_bytes: count, seconds: seconds.nullable(), basis: text.nullable() })
    .nullable(),
  actual: z.strictObject({ worked_bytes: count, written_bytes: count, seconds }),
  statistics: z.strictObject({
    average_seconds: seconds.nullable(),
    fastest: timed.nullable(),
    slowest: timed.nullable(),
  }),
  waves: z.array(
    z.strictObject({
      wave: text.nullable().describe('null: machines that are in none'),
      pause_after: text.nullable(),
      total: count,
      successful: count,
      failed: count,
      waiting: count,
      started_at: moment.nullable(),
      finished_at: moment.nullable(),
      seconds,
    }),
  ),
  parts: z
    .array(
      z.strictObject({
        part: z.enum([...stageNames, ...deedNames]),
        attempts: count,
        failed: count,
        seconds: seconds.describe('of all attempts together'),
        bytes: count,
        bytes_per_second: z.number().min(0).nullable(),
      }),
    )
    .describe('stages and deeds over all machines'),
  machines: z.array(machine).describe('in the order of the plan'),
})

export type RunReport = z.infer<typeof runReportSchema>
export type ReportedMachine = RunReport['machines'][number]
export type ReportedAttempt = ReportedMachine['attempts'][number]
