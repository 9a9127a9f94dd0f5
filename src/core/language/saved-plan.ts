import { z } from 'zod'

const path = z.string()
const file = z.looseObject({ path, bytes: z.int(), modified: z.string() })
const problem = z.looseObject({ severity: z.enum(['info', 'warning', 'error']), code: z.string(), summary: z.string() })

const onRemove = z.enum(['forget', 'destroy'])

const machine = z.strictObject({
  name: z.string(),
  file: path,
  action: z.enum(['create', 'update', 'replace', 'resume', 'forget', 'destroy', 'noop', 'blocked']),
  stages: z.array(
    z.strictObject({ stage: z.string(), decision: z.looseObject({ run: z.boolean() }), does: z.string() }),
  ),
  desired: z.string().describe('fingerprint of what git wants and of the source’s files'),
  wanted: z.looseObject({}).optional().describe('the machine that git wants, of what may be secret only fingerprints'),
  sources: z.array(file),
  serial: z.int().describe('the state’s serial at the machine’s last change'),
  readBytes: z.number(),
  writeBytes: z.number(),
  problems: z.array(problem),
  notes: z.array(z.string()),
  notApplied: z.array(z.string()),
  options: z.array(z.string()).optional().describe('how its run goes'),
  wave: z.string().optional(),
  held: z
    .strictObject({ by: z.enum(['suspended', 'dry_run', 'dependency', 'wave', 'pause', 'window']), why: z.string() })
    .optional()
    .describe('why it is left alone for now'),
  removals: z
    .array(
      z.strictObject({
        path,
        standing: z.enum(['as made', 'changed', 'unfinished', 'gone']),
        bytes: z.number(),
        mark: z.string(),
      }),
    )
    .optional()
    .describe('what would be removed, in this order'),
  onRemove: z.strictObject({ from: onRemove, to: onRemove }).optional(),
  cutOverAt: z.string().optional(),
  approval: z
    .union([
      z.strictObject({ standing: z.literal('waits') }),
      z.strictObject({
        standing: z.literal('given'),
        by: z.string(),
        until: z.string().optional(),
        lapses: z
          .literal(true)
          .optional()
          .describe('what is planned is another machine than the one that was approved'),
      }),
    ])
    .optional()
    .describe('of the cutover, where git asks for one'),
  downtime: z
    .strictObject({ seconds: z.number(), basis: z.string() })
    .optional()
    .describe('of the cutover that is to come, where there is a basis for it'),
})

const finding = z.strictObject({
  rule: z.string(),
  action: z.enum(['warn', 'deny']),
  machine: z.string().optional().describe('absent for the plan as a whole'),
  field: z.string().optional(),
  evidence: z.string(),
  at: z.strictObject({ file: path, line: z.int().optional(), column: z.int().optional() }).optional(),
  hint: z.string().optional(),
  waiver: z
    .strictObject({ by: z.string(), reason: z.string(), until: z.string(), expired: z.boolean() })
    .optional()
    .describe('one that fits; one that has expired allows nothing'),
})

/** A file of `h2k plan --out`. */
export const savedPlanSchema = z.strictObject({
  h2k_plan: z.literal(1),
  id: z.string().describe('fingerprint of the plan: a plan can be applied once'),
  plan: z.strictObject({
    format_version: z.literal(1),
    workspace: z.string(),
    lineage: z.string().optional(),
    serial: z.int(),
    redo: z.array(z.string()),
    refresh: z.boolean(),
    tools: z.record(z.string(), z.string()),
    waves: z
      .array(
        z.strictObject({
          name: z.string(),
          pauseAfter: z.enum(['continue', 'pause', 'pause_on_failure']),
          machines: z.int(),
          window: z.string().optional(),
        }),
      )
      .optional(),
    machines: z.array(machine),
    space: z.array(
      z.strictObject({ path, neededBytes: z.number(), freeBytes: z.number(), overlayBytes: z.number().optional() }),
    ),
    duration: z.strictObject({ seconds: z.number(), basis: z.string() }).optional(),
    policy: z.array(finding).optional().describe('what breaks a rule'),
  }),
  digest: z.string().describe('fingerprint of what stands before it'),
  signature: z
    .strictObject({
      algorithm: z.literal('ed25519'),
      key: z.string().describe('sha256 of the public key, hex'),
      value: z.string().describe('base64'),
    })
    .optional()
    .describe('over the digest'),
})
