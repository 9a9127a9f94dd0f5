import { z } from 'zod'
import { variable } from './connections.ts'
import { zone } from './publication.ts'

const text = z.string().min(1)
const sizing = z.enum(['exact', 'optimize', 'cost'])
const regex = text.max(500).describe('RE2, matched from the start of the name')
const networks = z.record(z.string(), text)
const upTo = (most: number, otherwise: number) => z.int().min(1).max(most).default(otherwise)

const byName = { vm_name: text.optional(), vm_pattern: text.optional().describe('a glob'), vm_regex: regex.optional() }
const byPlace = { vm_folder: text.optional().describe('how the folder’s path begins'), vm_tag: text.optional() }

function oneSelector<S extends z.ZodType<object>>(schema: S, selectors: readonly string[]): S {
  const message = `needs exactly one of ${selectors.join(', ')}`
  return schema.refine((entry) => selectors.filter((key) => Object.hasOwn(entry, key)).length === 1, { message })
}

const migration = oneSelector(
  z.strictObject({
    ...byName,
    ...byPlace,
    target_type: text.optional().describe('the type of instance; chosen by sizing_strategy without it'),
    zone: zone.optional(),
    sizing_strategy: sizing.optional(),
    priority: z.int().min(1).max(10).default(5).describe('lower goes first'),
    wave: text.optional(),
    skip_validation: z.boolean().optional(),
    tags: z.array(text).default([]),
    network_mapping: networks.default({}),
    notes: z.string().optional(),
  }),
  [...Object.keys(byName), ...Object.keys(byPlace)],
)

/** A plan of vmware2scw, version 1: which machines go to Scaleway, and in which order. */
export const vmware2scwPlanSchema = z.strictObject({
  version: z.literal(1),
  metadata: z.record(z.string(), z.unknown()).default({}),
  defaults: z
    .strictObject({
      zone: zone.default('fr-par-1'),
      sizing_strategy: sizing.default('optimize'),
      tags: z.array(text).default([]),
      network_mapping: networks.default({}),
      skip_validation: z.boolean().default(false),
    })
    .prefault({}),
  concurrency: z
    .strictObject({
      max_exports_per_host: upTo(8, 4),
      max_concurrent_conversions: upTo(10, 3),
      max_concurrent_uploads: upTo(20, 6),
      max_concurrent_imports: upTo(20, 5),
      max_total_workers: upTo(50, 10),
    })
    .prefault({}),
  migrations: z.array(migration).min(1),
  exclude: z.array(oneSelector(z.strictObject(byName), Object.keys(byName))).default([]),
  waves: z
    .array(
      z.strictObject({
        name: text,
        vms: z.array(text).default([]).describe('names or globs'),
        pause_after: z.enum(['continue', 'pause', 'pause_on_failure']).default('pause_on_failure'),
        max_parallel: z.int().min(1).max(50).optional(),
      }),
    )
    .default([]),
  post_migration: z
    .strictObject({
      tag_source: text.nullable().optional(),
      power_off_source: z.boolean().default(false),
      delete_vmware_snapshot: z.boolean().default(true),
      delete_s3_transit: z.boolean().default(true),
    })
    .prefault({}),
})

export type Vmware2scwPlan = z.infer<typeof vmware2scwPlanSchema>

// Any value is taken, so that no finding on it can quote it.
const secret = z.unknown()

/** The address of a vCenter that is named by its host, or already by an address. */
export function vcenterUrl(vcenter: string): string {
  return vcenter.includes('://') ? vcenter : `https://${vcenter}`
}

/** `migration.yaml` of vmware2scw. */
export const vmware2scwConfigSchema = z.strictObject({
  vmware: z.strictObject({
    vcenter: text.refine((host) => URL.canParse(vcenterUrl(host)), 'must be the name of a host'),
    username: text,
    password: secret.optional(),
    password_env: variable.optional(),
    insecure: z.boolean().default(false),
    datacenter: text.nullable().optional(),
  }),
  scaleway: z.strictObject({
    access_key: secret.optional(),
    access_key_env: variable.optional(),
    secret_key: secret.optional(),
    secret_key_env: variable.optional(),
    organization_id: text.optional(),
    project_id: text.optional(),
    default_zone: zone.default('fr-par-1'),
    s3_region: text.optional(),
    s3_bucket: text.optional(),
    s3_endpoint: text.optional(),
  }),
  conversion: z
    .strictObject({
      work_dir: text.optional(),
      compress_qcow2: z.boolean().optional(),
      virtio_win_iso: text.nullable().optional(),
      cleanup_on_success: z.boolean().optional(),
      virt_v2v_verbose: z.boolean().optional(),
    })
    .prefault({}),
  migration: z
    .strictObject({
      parallel_exports: z.int().min(1).optional(),
      parallel_uploads: z.int().min(1).optional(),
      retry_count: z.int().min(0).optional(),
      retry_delay_seconds: z.number().min(0).optional(),
      export_strategy: z.enum(['local', 'streaming']).optional(),
    })
    .prefault({}),
})

export type Vmware2scwConfig = z.infer<typeof vmware2scwConfigSchema>
