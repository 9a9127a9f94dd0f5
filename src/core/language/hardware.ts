import { z } from 'zod'
import { imageFormats } from '../image.ts'
import { macAddress, networkLimits, nicModel, vlanTag } from './network-mapping.ts'
import { diskDriver, diskLimits } from './storage-mapping.ts'

const text = z.string().min(1)
const hostFile = z.string().regex(/^\/[^\p{Cc}]+$/u, 'an absolute path on the host of the domain')

/** `vm` */
export const vm = z.strictObject({
  cpu: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe('virtual CPUs; what the OVF says without it, required for bare images'),
  mem_gb: z.number().min(0.0625).max(65536).optional().describe('memory in GiB; likewise'),
  firmware: z
    .enum(['bios', 'uefi', 'unknown'])
    .optional()
    .meta({ description: 'unknown: what the source says, else bios', default: 'unknown' }),
  secureboot: z.boolean().optional().describe('what the OVF says without it, else false; takes q35'),
  loader: hostFile
    .optional()
    .describe('UEFI firmware on the host, such as /usr/share/OVMF/OVMF_CODE_4M.fd; libvirt chooses without it'),
  nvram_template: hostFile
    .optional()
    .describe('what the machine’s UEFI variables, with their keys, are begun with; that of the loader without it'),
  tpm: z.boolean().optional().describe('an emulated TPM 2.0; what the OVF says without it, else false'),
  machine_type: z.enum(['q35', 'pc']).optional().meta({ description: 'IDE disks take pc', default: 'q35' }),
  cpu_mode: z
    .enum(['host-passthrough', 'host-model', 'maximum'])
    .optional()
    .describe('host-passthrough without it; maximum under software emulation'),
  watchdog: z
    .enum(['reset', 'shutdown', 'poweroff', 'pause', 'none', 'inject-nmi'])
    .optional()
    .describe('a watchdog, and what happens when the guest no longer answers it; no watchdog without it'),
  os_hint: text
    .optional()
    .describe('linux, windows, debian …, or a VMware guest id; what begins with win gets a clock in local time'),
  os_version: text.optional().describe('for the reader'),
})

const diskBuses = ['virtio', 'scsi', 'sata', 'ide'] as const
export const outputFormat = z.enum(['qcow2', 'raw', 'vdi'])

/** An item of `disks`. */
export const disk = z.strictObject({
  id: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/, 'letters, digits, _ and - only')
    .describe('unique; letters, digits, _ and -'),
  source_format: z.enum(imageFormats).describe('of the image'),
  bytes: z.int().min(0).describe('what the guest sees, in bytes; 0, which tools write that do not know it, is refused'),
  local_path: text.describe(
    'the image, relative to this manifest, or its https:// address; for an OVA or OVF the name in it',
  ),
  checksum: z
    .string()
    .regex(/^sha256:[0-9a-fA-F]{64}$/, 'sha256: and 64 hexadecimal digits')
    .nullable()
    .optional()
    .describe('of the image file, checked before the copy, or on its way'),
  boot_order_hint: z
    .int()
    .min(0)
    .optional()
    .describe('the lowest boots; without one a boot disk counts as 0 and any other as 999'),
  label: text.optional().describe('for the reader'),
  disk_type: z
    .enum(['boot', 'data', 'unknown'])
    .optional()
    .meta({ description: 'a boot disk comes first', default: 'unknown' }),
  bus: z
    .enum(diskBuses)
    .optional()
    .meta({ description: 'on the target; ide takes machine_type pc, and at most four', default: 'virtio' }),
  target_path: text
    .optional()
    .describe('the file that publishing moves the converted disk to, relative to this manifest'),
  pool: text.optional().describe('the pool of libvirt that gets the disk'),
  datastore: text
    .optional()
    .describe('of the source, for storage_mapping.disk_mappings; what the source says without it'),
  format: outputFormat.optional().describe('instead of output.format'),
  limits: diskLimits.optional().describe('instead of storage_mapping.disk_limits; none when it is empty'),
  ...diskDriver,
})

/** An item of `nics`. */
export const nic = z.strictObject({
  id: text.describe('unique'),
  mac: macAddress.optional().describe('of the source; a fixed one is made without it'),
  network: text.optional().describe('the network’s name at the source'),
  model: nicModel.optional().meta({ description: 'on the target', default: 'virtio' }),
  ip: text.optional().describe('kept in the domain’s metadata for the reader'),
  vlan: vlanTag.optional().describe('the tag on the target, instead of that of the mapping'),
  limits: networkLimits.optional().describe('instead of network_limits; none when it is empty'),
})
