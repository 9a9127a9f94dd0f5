import { z } from 'zod'

const text = z.string().min(1)
const action = z.enum(['allow', 'warn', 'deny'])
const fallback = { description: 'what a breach comes to', default: 'deny' }

/** A rule that is there or not: its action alone, or a map with it. */
const plain = (description: string) =>
  z
    .union([action, z.strictObject({ action: action.optional().meta(fallback) })])
    .optional()
    .describe(description)

const limited = (max: z.ZodNumber, unit: string, description: string) =>
  z
    .strictObject({ max: max.describe(unit), action: action.optional().meta(fallback) })
    .optional()
    .describe(description)

const size = z.number().positive().max(1e9).optional()

/** `policy.rules` */
const rules = z.strictObject({
  secure_boot_lost: plain('the source has secure boot, and the machine will not'),
  downtime_minutes: limited(
    z.number().min(0).max(1e6),
    'minutes',
    'a copy, for which the source has to be off, is estimated to take longer',
  ),
  unmapped_network: plain('a NIC whose network no entry of network_mapping.source_networks names'),
  unmapped_storage: plain('a disk that neither names its place nor has an entry in storage_mapping.disk_mappings'),
  unencrypted_target: plain('a disk that goes where h2k sees no encrypted disk of this host'),
  oversize: z
    .strictObject({
      max_disk_gib: size.describe('of each disk, as the guest sees it'),
      max_machine_gib: size.describe('of all disks of a machine together'),
      max_cpus: size,
      max_memory_gib: size,
      action: action.optional().meta(fallback),
    })
    .refine(
      (value) => Object.keys(value).some((key) => key.startsWith('max_')),
      'must have one of the limits, such as max_disk_gib',
    )
    .optional()
    .describe('a machine larger than this'),
  unapproved_cutover: plain('a machine of a libvirt that is cut over without cutover.require_approval'),
  source_power_off_unapproved: plain('a cutover that switches its source off without cutover.require_approval'),
  machines_per_change: limited(
    z.int().min(0).max(1e6),
    'machines',
    'a plan that does something with more machines at once',
  ),
  replace: plain('disks that are copied again over what was copied before'),
  destroy: plain('a machine of which everything that h2k made is removed'),
  wave_order: plain('a machine that goes while one of an earlier wave is neither done nor goes before it'),
})

const waiver = z.strictObject({
  rule: text.describe('the name of a rule or of a command, or a file of plan_schemas'),
  machines: z
    .array(text)
    .min(1)
    .optional()
    .describe('names or globs; for every machine, and the plan as a whole, without them'),
  by: text.max(200).describe('who allows it'),
  reason: text.max(1000).describe('why'),
  until: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], 'a date or a time with its zone')
    .describe('it holds before this; a date begins at midnight UTC'),
})

const command = z.strictObject({
  name: text.max(100).describe('what findings and waivers call it'),
  run: z
    .array(text.max(4096))
    .min(1)
    .max(100)
    .describe('program and arguments, never a shell; a path with a / is relative to this file'),
  timeout_seconds: z.int().min(1).max(3600).optional().meta({ description: 'how long it may take', default: 60 }),
  action: z.enum(['warn', 'deny']).optional().meta({ description: 'what its refusals come to', default: 'deny' }),
})

/** `policy` of `h2k.yaml` */
export const policy = z.strictObject({
  rules: rules.optional().describe('built-in rules; one that is not named is not asked'),
  waivers: z.array(waiver).optional().describe('what is allowed in spite of a rule, by whom, and until when'),
  schemas: z
    .array(text)
    .optional()
    .describe('JSON Schemas of yours, relative to this file: what a machine’s layers come to has to fit each of them'),
  plan_schemas: z
    .array(text)
    .optional()
    .describe('JSON Schemas of yours, relative to this file: the plan as policies see it has to fit each of them'),
  commands: z.array(command).optional().describe('programs of yours that read the plan as JSON and say what they deny'),
  plan_keys: z
    .array(text)
    .min(1)
    .optional()
    .describe('files with public ed25519 keys (PEM): only saved plans that one of them signed are applied'),
})
export type PolicyConfig = z.infer<typeof policy>
