import { z } from 'zod'

const text = z.string().min(1)

/** `libvirt_integration` */
export const libvirtIntegration = z.strictObject({
  enabled: z.boolean().optional().describe('false without it'),
  uri: text.optional().describe('of libvirt; that of the target without it'),
  vm_name: text.optional().describe('of the domain; the machine’s name without it'),
  define_domain: z.boolean().optional().describe('true without it'),
  overwrite_domain: z.boolean().optional().describe('replace a domain that h2k did not define; false without it'),
  import_to_pool: text.optional().describe('the pool that gets the disks, as VM_NAME-DISK.ENDING'),
  pool_path: text.optional().describe('where a pool is made that does not exist; /var/lib/libvirt/images without it'),
  copy_disks: z.boolean().optional().describe('false moves them; true without it'),
  overwrite_volumes: z.boolean().optional().describe('replace volumes that h2k did not make; false without it'),
  create_snapshot: z.boolean().optional().describe('before the first boot; false without it'),
  snapshot_name: text.optional().describe('pre-first-boot without it'),
  autostart: z.boolean().optional().describe('start the domain when its host boots; false without it'),
  auto_start: z.boolean().optional().describe('start the domain now; false without it'),
})

/** `scaleway` */
export const scaleway = z.strictObject({
  zone: z
    .string()
    .regex(/^[a-z]{2}-[a-z]{3}-[0-9]$/, 'a zone, such as fr-par-1')
    .optional()
    .describe('that of the connection without it'),
  target_type: text.optional().describe('the type of instance; chosen by sizing_strategy without it'),
  sizing_strategy: z.enum(['exact', 'optimize', 'cost']).optional().describe('optimize without it'),
  tags: z.array(text).optional(),
  skip_validation: z.boolean().optional().describe('false without it'),
})
