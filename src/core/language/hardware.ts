import { z } from 'zod'
import { imageFormats } from '../image.ts'
import { macAddress, nicModel, vlanTag } from './network-mapping.ts'

const text = z.string().min(1)

/** `vm` */
export const vm = z.strictObject({
  cpu: z.int().min(1).max(4096).optional().describe('virtual CPUs'),
  mem_gb: z.number().min(0.0625).max(65536).optional().describe('memory in GiB'),
  firmware: z.enum(['bios', 'uefi', 'unknown']).optional().describe('unknown: what the source says, else bios'),
  secureboot: z.boolean().optional(),
  tpm: z.boolean().optional().describe('an emulated TPM 2.0'),
  machine_type: z.enum(['q35', 'pc']).optional(),
  cpu_mode: z.enum(['host-passthrough', 'host-model', 'maximum']).optional(),
  os_hint: text.optional().describe('linux, windows, debian …, or a VMware guest id'),
  os_version: text.optional(),
})

const diskBuses = ['virtio', 'scsi', 'sata', 'ide'] as const
export const outputFormat = z.enum(['qcow2', 'raw', 'vdi'])

/** An item of `disks`. */
export const disk = z.strictObject({
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/, 'letters, digits, _ and - only'),
  source_format: z.enum(imageFormats),
  bytes: z.int().min(1).describe('what the guest sees, in bytes'),
  local_path: text.describe('the image, relative to this manifest; for an OVA or OVF the name in it'),
  checksum: z
    .string()
    .regex(/^sha256:[0-9a-fA-F]{64}$/, 'sha256: and 64 hexadecimal digits')
    .nullable()
    .optional()
    .describe('of the image file, checked before the copy'),
  boot_order_hint: z
    .int()
    .min(0)
    .optional()
    .describe('the lowest boots; without one a boot disk counts as 0 and any other as 999'),
  label: text.optional(),
  disk_type: z.enum(['boot', 'data', 'unknown']).optional(),
  bus: z.enum(diskBuses).optional(),
  target_path: text.optional().describe('where the converted disk goes, instead of the output folder'),
  pool: text.optional().describe('the pool of libvirt that gets the disk'),
  format: outputFormat.optional(),
})

/** An item of `nics`. */
export const nic = z.strictObject({
  id: text,
  mac: macAddress.optional(),
  network: text.optional().describe('the network’s name at the source'),
  model: nicModel.optional().describe('on the target'),
  ip: text.optional().describe('kept in the domain’s metadata for the reader'),
  vlan: vlanTag.optional().describe('the tag on the target, instead of that of the mapping'),
})
