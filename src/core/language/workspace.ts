import { z } from 'zod'

const text = z.string().min(1)

const filesConnection = z.strictObject({
  type: z.literal('files'),
  domain_type: z.enum(['kvm', 'qemu']).optional().describe('kvm, or qemu for software emulation'),
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
  defaults: z.strictObject({ target: text.optional() }).optional(),
  concurrency: z
    .strictObject({
      disk_io: z.int().min(1).max(1000).optional().describe('copies at the same time'),
      global: z.int().min(1).max(10_000).optional().describe('stages at the same time'),
    })
    .optional(),
})

export type WorkspaceConfig = z.infer<typeof workspaceSchema>
