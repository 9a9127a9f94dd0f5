import { z } from 'zod'
import { hookPoints } from '../hook.ts'
import { stageNames } from '../stage-names.ts'

/** The format of the files; within a major version readers find everything that was there before. */
export const reportFormat = '1.0'

const text = z.string()
const count = z.int().min(0)
const seconds = z.number().min(0)
const moment = z.iso.datetime().describe('ISO 8601, UTC')
const clock = z.number().min(0).describe('seconds since 1970')
const stage = z.enum(stageNames)
const mark = z.literal(reportFormat).describe('marks a file that h2k wrote, and may replace')

const vmStatus = z.enum(['PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'SKIPPED'])

const vmProgress = z.strictObject({
  vm_id: text.describe('of the batch’s entry'),
  machine: text,
  status: vmStatus.describe('SKIPPED: as git says already, or left alone, with the reason in error'),
  started_at: clock.nullable(),
  completed_at: clock.nullable(),
  duration: seconds,
  error: text.nullable(),
  current_stage: stage.nullable(),
  stages_completed: z.array(stage),
})

/** `.progress/batch_progress.json`: a batch while it is worked on. */
export const batchProgressSchema = z.strictObject({
  h2k_report: mark,
  batch_id: text,
  run_id: text,
  total_vms: count,
  started_at: clock,
  updated_at: clock.describe('when it was written: about each second while a stage reports how far it is'),
  completed_at: clock.nullable().describe('set when the run has ended'),
  counts: z.strictObject({ pending: count, in_progress: count, completed: count, failed: count, skipped: count }),
  completion_percentage: z.number().min(0).max(100),
  estimated_time_remaining: seconds.nullable().describe('seconds; null until a machine is done'),
  vms: z.record(z.string(), vmProgress).describe('by vm_id'),
})

const vmResult = z.strictObject({
  vm_id: text,
  machine: text,
  manifest: text.describe('relative to the workspace'),
  success: z.boolean(),
  status: vmStatus,
  duration_seconds: seconds,
  timestamp: moment.describe('when it ended'),
  stages_completed: z.array(stage),
  error: text.optional(),
})
const remark = z.strictObject({ vm_id: text.describe('or batch'), message: text, timestamp: moment })
const timed = z.strictObject({ vm_id: text, duration: seconds })

/** `batch_report.json`: how a run of a batch ended. */
export const batchReportSchema = z.strictObject({
  h2k_report: mark,
  version: z.literal('1.0'),
  report_type: z.literal('batch_conversion'),
  timestamp: moment,
  run_id: text,
  h2k_version: text,
  batch: z.strictObject({
    batch_id: text,
    manifest_path: text.describe('the batch’s file, relative to the workspace'),
    success: z.boolean().describe('nothing failed, and nothing that was to be done is left'),
    duration_seconds: seconds,
    total_vms: count,
    processed_vms: count.describe('done, failed, or as git says already'),
    successful_vms: count,
    failed_vms: count,
    success_rate: z.number().min(0).max(1).describe('of those processed'),
  }),
  vm_results: z.array(vmResult).describe('those processed, in the order of their names'),
  aggregate_stats: z.strictObject({
    total_duration: seconds,
    average_duration: seconds,
    fastest_conversion: timed.nullable(),
    slowest_conversion: timed.nullable(),
  }),
  warnings: z.array(remark),
  errors: z.array(remark),
})

const identity = z.strictObject({ path: text, bytes: count, modified: text.describe('nanoseconds since 1970') })

/** A disk of a report. */
export const reportedDisk = z.strictObject({
  id: text,
  path: text,
  format: text,
  virtual_bytes: count,
  file_bytes: count,
  sha256: text,
  engine: text,
  source_digest: text.optional().describe('checked before the copy, or on its way'),
})

/** The report of one machine: what `options.report` asks for. */
export const machineReportSchema = z.strictObject({
  h2k_report: mark,
  timestamp: moment,
  run_id: text,
  h2k_version: text,
  machine: text,
  address: text,
  manifest: text.describe('relative to the workspace'),
  outcome: z.enum(['done', 'failed', 'interrupted']),
  source: z.strictObject({ provider: text, path: text.optional(), files: z.array(identity) }),
  target: z.strictObject({ connection: text, directory: text }),
  stages: z.array(
    z.strictObject({
      stage,
      status: z.enum(['started', 'done', 'failed', 'interrupted']),
      in_this_run: z.boolean().describe('false: done before, and still right'),
      attempt: count,
      seconds,
      bytes: count,
      tools: z.record(z.string(), text),
      started_at: moment,
      finished_at: moment.optional(),
      message: text.optional(),
    }),
  ),
  disks: z.array(reportedDisk),
  domain: z.strictObject({ path: text, sha256: text, uuid: text }).optional(),
  findings: z.array(z.strictObject({ rule: text, severity: text, subject: text, evidence: text })),
  hooks: z.array(
    z.strictObject({
      stage,
      point: z.enum(hookPoints),
      hook: text,
      outcome: z.enum(['succeeded', 'skipped', 'failed']),
      attempts: count,
      seconds,
    }),
  ),
  prediction: z
    .strictObject({ read_bytes: count, write_bytes: count, seconds: seconds.optional(), basis: text.optional() })
    .describe('what the plan said of this run'),
  actual: z.strictObject({ worked_bytes: count, written_bytes: count, seconds }).describe('of this run'),
  warnings: z.array(z.strictObject({ stage: stage.optional(), message: text })),
  errors: z.array(z.strictObject({ stage: stage.optional(), code: text, message: text, hint: text.optional() })),
})

export type BatchProgressFile = z.infer<typeof batchProgressSchema>
export type BatchReport = z.infer<typeof batchReportSchema>
export type MachineReport = z.infer<typeof machineReportSchema>
export type VmProgress = z.infer<typeof vmProgress>
