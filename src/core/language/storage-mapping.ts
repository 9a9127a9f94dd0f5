import { z } from 'zod'

const text = z.string().min(1)

/** `storage_mapping` */
export const storageMapping = z.strictObject({
  $ref: text.optional().describe('a file that holds the mapping; what stands beside it is stronger'),
  default_pool: text.optional().describe('the pool of disks without an entry'),
  disk_mappings: z
    .record(z.string(), text)
    .optional()
    .describe('disk id or datastore of the source: directory, or pool of libvirt'),
  format_override: z.enum(['qcow2', 'raw', 'vdi']).optional().describe('of all disks'),
  preallocate: z.boolean().optional().meta({ default: false }),
  provisioning: z.enum(['thin', 'thick']).optional().describe('thick allocates all of the disk'),
  on_unmapped: z
    .enum(['error', 'default', 'keep'])
    .optional()
    .describe('what becomes of a disk without an entry: default takes default_pool, keep the output folder'),
  disk_limits: z
    .strictObject({
      iops: z.int().min(1).max(1_000_000_000).optional().describe('operations in a second'),
      bytes_per_second: z.int().min(1).optional(),
    })
    .optional()
    .describe('of each disk on the target'),
})
