import { z } from 'zod'

const text = z.string().min(1)

/** What a disk may do on the target. */
export const diskLimits = z.strictObject({
  iops: z.int().min(1).max(1_000_000_000).optional().describe('operations in a second, reads and writes together'),
  bytes_per_second: z.int().min(1).optional().describe('read and written together'),
})

/** How the target reads and writes a disk. */
export const diskDriver = {
  cache: z
    .enum(['none', 'writeback', 'writethrough', 'directsync', 'unsafe'])
    .optional()
    .describe('of the host; up to the target without it'),
  io: z
    .enum(['threads', 'native', 'io_uring'])
    .optional()
    .describe('native takes cache none or directsync; up to the target without it'),
  discard: z
    .enum(['unmap', 'ignore'])
    .optional()
    .describe('whether what the guest trims is given back; unmap without it, but ignore for a thick disk'),
}

/** `storage_mapping` */
export const storageMapping = z
  .strictObject({
    $ref: text.optional().describe('a file that holds the mapping; what stands beside it is stronger'),
    default_pool: text.optional().describe('the pool of disks without an entry'),
    disk_mappings: z
      .record(z.string(), text)
      .optional()
      .describe('disk id or datastore of the source: a directory, with a / in it, or a pool of libvirt'),
    format_override: z
      .enum(['qcow2', 'raw', 'vdi'])
      .optional()
      .describe('of all disks, instead of output.format; a disk’s own format is stronger'),
    preallocate: z.boolean().optional().meta({ description: 'another word for provisioning: thick', default: false }),
    provisioning: z
      .enum(['thin', 'thick'])
      .optional()
      .describe('thick allocates all of the disk when it is converted, raw or qcow2; thin without it'),
    on_unmapped: z
      .enum(['error', 'default', 'keep'])
      .optional()
      .describe(
        'what becomes of a disk without an entry: default takes default_pool, keep the output folder; keep, but default where ' +
          'there is a default_pool',
      ),
    disk_limits: diskLimits.optional().describe('of each disk on the target; a disk’s own limits replace them'),
    ...diskDriver,
  })
  .refine((mapping) => mapping.on_unmapped !== 'default' || mapping.default_pool !== undefined, {
    path: ['on_unmapped'],
    message: 'default needs a default_pool',
  })
