import { z } from 'zod'

const text = z.string().min(1)
/** Where Scaleway runs instances. */
export const zone = z.string().regex(/^[a-z]{2}-[a-z]{3}-[0-9]$/, 'a zone, such as fr-par-1')

/** `libvirt_integration` */
export const libvirtIntegration = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe('whether the machine goes to libvirt: without it yes where its target is one, else no'),
  uri: text.optional().describe('of libvirt; that of the target without it, else qemu:///system'),
  vm_name: text.optional().describe('of the domain; the machine’s name without it'),
  define_domain: z.boolean().optional().meta({ description: 'false: only its disks are put there', default: true }),
  overwrite_domain: z
    .boolean()
    .optional()
    .meta({ description: 'replace a domain that h2k did not define', default: false }),
  import_to_pool: text.optional().describe('the pool that gets the disks, as VM_NAME-DISK.ENDING'),
  pool_path: text
    .optional()
    .meta({ description: 'where a pool is made that does not exist', default: '/var/lib/libvirt/images' }),
  pool_xml: text
    .optional()
    .describe('libvirt’s XML of a pool that does not exist and is no plain folder, relative to the file that says it'),
  copy_disks: z.boolean().optional().meta({ description: 'false moves them', default: true }),
  overwrite_volumes: z
    .boolean()
    .optional()
    .meta({ description: 'replace volumes that h2k did not make', default: false }),
  create_snapshot: z.boolean().optional().meta({ description: 'before the first boot', default: false }),
  snapshot_name: text.optional().meta({ description: 'of create_snapshot', default: 'pre-first-boot' }),
  autostart: z.boolean().optional().meta({ description: 'start the domain when its host boots', default: false }),
  auto_start: z.boolean().optional().meta({ description: 'start the domain now', default: false }),
})

/** `scaleway` */
export const scaleway = z.strictObject({
  zone: zone.optional().describe('that of the connection without it'),
  target_type: text.optional().describe('the type of instance; chosen by sizing_strategy without it'),
  sizing_strategy: z.enum(['exact', 'optimize', 'cost']).optional().meta({ default: 'optimize' }),
  tags: z.array(text).optional(),
  skip_validation: z.boolean().optional().meta({ default: false }),
})
