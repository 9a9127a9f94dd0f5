import { z } from 'zod'
import { layerOf } from './layer-shape.ts'
import { manifestParts, priority } from './manifest.ts'

const text = z.string().min(1)
const layer = layerOf(manifestParts, 'machine_part')

const entry = z.strictObject({
  id: text.optional().describe('unique in the batch; vm_0, vm_1 … without it'),
  manifest: text.optional().describe('the machine’s manifest, relative to this file'),
  machine: layer.optional().describe('the manifest itself, instead of a file'),
  priority: priority.optional().describe('lower goes first; 0 without it'),
  enabled: z.boolean().optional().describe('false leaves the machine as it is; true without it'),
  overrides: layer.optional().describe('stronger than everything else that is said about the machine'),
})

/** Several machines with what they share: Batch v1. */
export const batchSchema = z.strictObject({
  $schema: z.string().optional(),
  batch_version: z.literal('1.0'),
  batch_metadata: z
    .looseObject({
      batch_id: text.optional(),
      parallel_limit: z.int().min(1).max(10_000).optional().describe('machines at the same time; 4 without it'),
      continue_on_error: z.boolean().optional().describe('go on when a machine fails; true without it'),
    })
    .optional(),
  vms: z.array(entry).min(1),
  shared_config: z
    .strictObject({
      ...layer.shape,
      output_directory: text
        .nullable()
        .optional()
        .describe('output.directory: each machine gets a folder of its own in it; relative to this file'),
    })
    .optional()
    .describe('part of a manifest, for all machines of the batch'),
  shared_config_wins: z.boolean().optional().describe('shared_config is stronger than the manifests; false without it'),
})

export type Batch = z.infer<typeof batchSchema>
