import { z } from 'zod'
import { hookPoints } from '../hook.ts'
import { deedNames, stageNames } from '../stage-names.ts'

/** The format of the lines; within a major version readers find everything that was there before. */
export const eventFormat = '1.0'

const text = z.string().min(1)
const count = z.int().min(0)
const bytes = z.int().min(0)
const seconds = z.number().min(0)

const stamp = {
  '@timestamp': z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'ISO 8601, UTC, with milliseconds')
    .describe('when it happened, UTC'),
  run_id: text.describe('the run; sorts by time'),
  seq: z.int().min(1).describe('counts the lines of this stream'),
}
const ofMachine = {
  machine: text.describe('the name as it is in git, also with characters that a terminal must not see'),
  address: text.describe('machine.NAME or machine.NAME/STAGE, safe to print'),
}
const ofStage = { ...ofMachine, stage: z.enum(stageNames) }
const attempt = z.int().min(1).describe('counts over all runs')
const ofAttempt = { ...ofStage, attempt }
const ofDeed = { ...ofMachine, deed: z.enum(deedNames).describe('what a command of its own did'), attempt }

const driftStatus = z.enum(['Synced', 'OutOfSync', 'Missing', 'Unknown'])

const problem = z.strictObject({
  severity: z.enum(['info', 'warning', 'error']),
  code: z
    .string()
    .regex(/^[A-Z][A-Z_]*$/, 'a problem code')
    .describe('a minor version may add some'),
  summary: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional().describe('one command or one edit'),
  at: z
    .strictObject({ file: text, line: z.int().min(1).optional(), column: z.int().min(1).optional() })
    .optional()
    .describe('where in the workspace'),
  address: text.optional(),
})

/** One line of `h2k apply --json`. The first is a `version`, the last a `result`. */
export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('version'),
    h2k: text.describe('the version of h2k'),
    format: z.literal(eventFormat).describe('of these lines'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('planned_change'),
    ...ofMachine,
    action: z.enum(['create', 'update', 'replace', 'resume', 'forget', 'destroy', 'noop', 'blocked']),
    stages: z.array(z.enum(stageNames)).describe('those that would run'),
    read_bytes: bytes,
    write_bytes: bytes.describe('at most'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('policy'),
    rule: text,
    action: z.enum(['warn', 'deny']),
    machine: text.optional().describe('absent for the plan as a whole'),
    address: text.optional(),
    evidence: text,
    waived: z.boolean().describe('somebody allows it, until the waiver ends'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('drift'),
    ...ofMachine,
    status: driftStatus,
    health: z.enum(['Healthy', 'Progressing', 'Degraded', 'Suspended']),
    findings: z
      .array(z.strictObject({ kind: text, subject: z.string(), status: driftStatus, detail: z.string() }))
      .describe('what is not as it was, or could not be looked at'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('run_start'),
    machines: count,
    stages: count,
    bytes: bytes.describe('to work through'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('stage_start'),
    ...ofAttempt,
    bytes: bytes.describe('to work through'),
    why: z.string().describe('why it is not skipped'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('stage_progress'),
    ...ofAttempt,
    bytes: bytes.describe('worked through so far'),
    total: bytes,
    rate: bytes.describe('bytes a second'),
    eta: seconds.optional().describe('seconds left'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('stage_done'),
    ...ofAttempt,
    seconds,
    bytes: bytes.describe('worked through'),
    evidence: z.json().describe('what the stage recorded'),
    ...stamp,
  }),
  z.strictObject({ type: z.literal('stage_skipped'), ...ofStage, why: z.string(), ...stamp }),
  z.strictObject({
    type: z.literal('stage_failed'),
    ...ofAttempt,
    seconds,
    interrupted: z.boolean().describe('h2k was told to stop; nothing is wrong with the stage'),
    retryable: z.boolean(),
    problems: z.array(problem),
    ...stamp,
  }),
  z.strictObject({ type: z.literal('deed_start'), ...ofDeed, ...stamp }),
  z.strictObject({
    type: z.literal('deed_done'),
    ...ofDeed,
    seconds,
    evidence: z.json().describe('what was recorded of it'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('deed_failed'),
    ...ofDeed,
    seconds,
    interrupted: z.boolean().describe('h2k was told to stop'),
    problems: z.array(problem),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('hook_done'),
    ...ofMachine,
    stage: z.enum([...stageNames, ...deedNames]),
    point: z.enum(hookPoints),
    hook: text.describe('its name'),
    outcome: z.enum(['succeeded', 'skipped', 'failed']),
    attempts: count,
    seconds,
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('wave'),
    wave: text.describe('its name'),
    status: z.enum(['begun', 'done', 'failed', 'waits']),
    machines: count.describe('of it, that are worked on'),
    why: text.optional().describe('why it waits'),
    ...stamp,
  }),
  z.strictObject({ type: z.literal('machine_forgotten'), ...ofMachine, ...stamp }),
  z.strictObject({
    type: z.literal('artifact_removed'),
    ...ofMachine,
    path: text.describe('what h2k made, and removed'),
    ...stamp,
  }),
  z.strictObject({ type: z.literal('machine_destroyed'), ...ofMachine, removed: count, ...stamp }),
  z.strictObject({ type: z.literal('diagnostic'), problem, ...stamp }),
  z.strictObject({
    type: z.literal('log'),
    ...ofStage,
    text: text.describe('what options.verbose asks for, safe to print'),
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('lock'),
    status: z.enum(['taken', 'released']),
    token: z.int().min(0).describe('grows with every holder'),
    machines: count,
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('summary'),
    done: count,
    failed: count,
    unchanged: count,
    forgotten: count,
    destroyed: count,
    held: count.describe('that wait, with the reason in the plan'),
    interrupted: count,
    seconds,
    bytes,
    ...stamp,
  }),
  z.strictObject({
    type: z.literal('result'),
    exit_code: z.int().min(0).max(255),
    data: z.json().optional().describe('what the command returns'),
    ...stamp,
  }),
])
