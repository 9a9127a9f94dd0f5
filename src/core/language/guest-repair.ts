import { z } from 'zod'

const enabled = z.boolean()

/** `pipeline.inspect` */
export const inspect = z.strictObject({
  enabled,
  collect_guest_info: z.boolean().optional().describe('users, packages and services of the guest; false without it'),
})

/** `pipeline.fix` */
export const fix = z.strictObject({
  enabled,
  backup: z.boolean().optional().describe('keep a copy of each file of the guest that is changed; true without it'),
  print_fstab: z.boolean().optional().describe('show fstab before and after; false without it'),
  update_grub: z.boolean().optional().describe('true without it'),
  regen_initramfs: z.boolean().optional().describe('with the drivers of the target; true without it'),
  fstab_mode: z
    .enum(['stabilize-all', 'bypath-only', 'noop'])
    .optional()
    .describe('which entries are rewritten to UUIDs: all that name a device, those by-path, none; all without it'),
  remove_vmware_tools: z.boolean().optional().describe('false without it'),
  network_mode: z
    .enum(['keep', 'rename', 'dhcp'])
    .optional()
    .describe(
      'what becomes of the network’s configuration: rename gives it the new names of the NICs; rename without it',
    ),
  serial_console: z
    .boolean()
    .optional()
    .describe('let boot loader and kernel use the first serial port; false without it'),
})

/** `pipeline.validate.boot_test` */
export const bootTest = z.strictObject({
  enabled,
  timeout_seconds: z.int().min(1).max(86_400).optional(),
  expect: z.string().min(1).optional().describe('what the guest has to print on its serial port'),
})
