import { z } from 'zod'
import { layerOf } from './layer-shape.ts'
import { manifestParts, priority } from './manifest.ts'

const text = z.string().min(1)
const layer = layerOf(manifestParts, 'machine_part')

const entry = z.strictObject({
  id: text
    .optional()
    .describe('unique in the batch, and the name of a machine that stands here; vm_0, vm_1 … without it'),
  manifest: text.optional().describe('the machine’s manifest, relative to this file'),
  machine: layer.optional().describe('the manifest itself, instead of a file'),
  priority: priority.optional().meta({ description: 'lower goes first', default: 0 }),
  enabled: z.boolean().optional().meta({ description: 'false leaves the machine as it is', default: true }),
  overrides: layer.optional().describe('stronger than everything else that is said about the machine'),
})

/** Several machines with what they share: Batch v1. */
export const batchSchema = z.strictObject({
  $schema: z.string().optional(),
  batch_version: z.literal('1.0').describe('of this language'),
  batch_metadata: z
    .looseObject({
      batch_id: text.optional().describe('its name; its file’s without it'),
      parallel_limit: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .meta({ description: 'machines at the same time', default: 4 }),
      continue_on_error: z.boolean().optional().meta({ description: 'go on when a machine fails', default: true }),
    })
    .optional()
    .describe('how it is worked on; other keys are for the reader'),
  vms: z.array(entry).min(1).describe('its machines'),
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
  shared_config_wins: z
    .boolean()
    .optional()
    .meta({ description: 'shared_config is stronger than the manifests', default: false }),
})

export type Batch = z.infer<typeof batchSchema>
