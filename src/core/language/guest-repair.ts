import { z } from 'zod'

const enabled = z.boolean().describe('false: no such stage')

const device = z
  .string()
  .regex(/^(UUID=[0-9a-fA-F-]{4,64}|\/dev\/[a-z0-9/_-]{1,100})$/, 'UUID=… or a device, such as /dev/sda3')
  .optional()
  .describe(
    'what it opens, by UUID=… or as the appliance calls it, /dev/sda being the first disk; all that it fits without it',
  )
const luksKey = z.union([
  z.strictObject({ device, key_file: z.string().min(1).describe('relative to this manifest') }),
  z.strictObject({
    device,
    key_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
      .describe('a variable of h2k’s own environment'),
  }),
])

/** `pipeline.inspect` */
export const inspect = z.strictObject({
  enabled,
  collect_guest_info: z
    .boolean()
    .optional()
    .meta({ description: 'users, packages and services of the guest', default: false }),
  luks_keys: z.array(luksKey).optional().describe('what opens encrypted disks; the keys themselves are kept nowhere'),
})

/** `pipeline.fix` */
export const fix = z.strictObject({
  enabled,
  fixer: z.enum(['builtin', 'virt-v2v', 'none']).optional().meta({
    description: 'who repairs: h2k itself (and Windows by virt-v2v), virt-v2v, nobody',
    default: 'builtin',
  }),
  virtio_win: z
    .string()
    .min(1)
    .optional()
    .describe('for Windows: the ISO or a folder of virtio-win’s drivers, relative to this file'),
  boot_phase: z
    .enum(['sata', 'virtio'])
    .optional()
    .describe(
      'for a Windows in a libvirt that is to boot twice: first with its virtio disks on SATA, and on virtio when it has installed its drivers; without it it boots once',
    ),
  backup: z
    .boolean()
    .optional()
    .meta({ description: 'keep a copy of each file of the guest that is changed', default: true }),
  print_fstab: z.boolean().optional().meta({ description: 'show fstab before and after', default: false }),
  update_grub: z.boolean().optional().meta({ description: 'the boot loader’s configuration', default: true }),
  regen_initramfs: z.boolean().optional().meta({ description: 'with the drivers of the target', default: true }),
  fstab_mode: z.enum(['stabilize-all', 'bypath-only', 'noop']).optional().meta({
    description: 'which entries are rewritten to UUIDs: all that name a device, those by-path, none',
    default: 'stabilize-all',
  }),
  remove_vmware_tools: z.boolean().optional().meta({ description: 'VMware’s tools in the guest', default: false }),
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
  timeout_seconds: z.int().min(1).max(86_400).optional().meta({ description: 'how long it may take', default: 600 }),
  expect: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'text that the guest has to print on its serial port; without it a login prompt, or an answer of its guest agent',
    ),
})
