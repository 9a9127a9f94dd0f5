import { z } from 'zod'

const enabled = z.boolean()

/** `pipeline.inspect` */
export const inspect = z.strictObject({
  enabled,
  collect_guest_info: z
    .boolean()
    .optional()
    .meta({ description: 'users, packages and services of the guest', default: false }),
})

/** `pipeline.fix` */
export const fix = z.strictObject({
  enabled,
  backup: z
    .boolean()
    .optional()
    .meta({ description: 'keep a copy of each file of the guest that is changed', default: true }),
  print_fstab: z.boolean().optional().meta({ description: 'show fstab before and after', default: false }),
  update_grub: z.boolean().optional().meta({ default: true }),
  regen_initramfs: z.boolean().optional().meta({ description: 'with the drivers of the target', default: true }),
  fstab_mode: z.enum(['stabilize-all', 'bypath-only', 'noop']).optional().meta({
    description: 'which entries are rewritten to UUIDs: all that name a device, those by-path, none',
    default: 'stabilize-all',
  }),
  remove_vmware_tools: z.boolean().optional().meta({ default: false }),
  network_mode: z.enum(['keep', 'rename', 'dhcp']).optional().meta({
    description: 'what becomes of the network’s configuration: rename gives it the new names of the NICs',
    default: 'rename',
  }),
  serial_console: z
    .boolean()
    .optional()
    .meta({ description: 'let boot loader and kernel use the first serial port', default: false }),
})

/** `pipeline.validate.boot_test` */
export const bootTest = z.strictObject({
  enabled,
  timeout_seconds: z.int().min(1).max(86_400).optional().describe('how long it may take'),
  expect: z.string().min(1).optional().describe('what the guest has to print on its serial port'),
})
