import { z } from 'zod'
import { layerShape } from './layer-shape.ts'
import { profileName } from './manifest.ts'
import { networkMapping } from './network-mapping.ts'
import { storageMapping } from './storage-mapping.ts'

const text = z.string().min(1)

const filesConnection = z.strictObject({
  type: z.literal('files'),
  domain_type: z.enum(['kvm', 'qemu']).optional().describe('kvm, or qemu for software emulation'),
})

const wave = z.strictObject({
  name: text,
  machines: z.array(text).optional().describe('names or globs; a machine may also name its wave'),
  pause_after: z
    .enum(['continue', 'pause', 'pause_on_failure'])
    .optional()
    .describe('whether the next wave waits for a person; pause_on_failure without it'),
  max_parallel: z.int().min(1).max(10_000).optional().describe('machines at the same time'),
})

/** `h2k.yaml`: what holds for the whole workspace. */
export const workspaceSchema = z.strictObject({
  $schema: z.string().optional(),
  h2k_version: z.literal(1),
  name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/, 'letters, digits, . _ and - only'),
  state: z.strictObject({ backend: z.literal('sqlite'), path: text.optional() }).optional(),
  work_directory: text.optional(),
  include: z.array(text).optional().describe('where the manifests are, as globs'),
  connections: z.record(z.string(), filesConnection).optional(),
  defaults: z
    .strictObject({
      target: text.optional().describe('a connection'),
      profile: profileName.nullable().optional(),
      wave: text.nullable().optional(),
      ...layerShape({ network_mapping: networkMapping, storage_mapping: storageMapping }),
    })
    .optional()
    .describe('for all machines, weaker than everything else that is said about them'),
  profiles_directory: text.optional().describe('profiles without it'),
  concurrency: z
    .strictObject({
      disk_io: z.int().min(1).max(1000).optional().describe('copies at the same time'),
      global: z.int().min(1).max(10_000).optional().describe('stages at the same time'),
    })
    .optional(),
  waves: z.array(wave).optional().describe('which machines go together, in the order in which they go'),
})

export type WorkspaceConfig = z.infer<typeof workspaceSchema>
