import { z } from 'zod'
import { imageFormats } from '../image.ts'

const text = z.string().min(1)
const macAddress = z
  .string()
  .regex(/^[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}$/, 'a MAC address, such as 00:50:56:aa:bb:01')
const vlanTag = z.int().min(1).max(4094)
const nicModel = z.enum(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'])
// What Linux takes for the name of a network device, as far as libvirt takes it too.
const bridge = z
  .string()
  .regex(/^(?!\.{1,2}$)[a-zA-Z0-9_.:-]{1,15}$/, 'the name of a bridge: at most 15 letters, digits, _ . : and -')

/** Where the machine comes from. Other keys are kept for the reader and have no effect. */
const source = z.looseObject({
  provider: z
    .enum(['local', 'ova', 'ovf', 'vsphere', 'libvirt', 'vmx', 'azure', 'aws', 'hyperv'])
    .describe('what kind of place it is'),
  connection: text.optional().describe('a connection of the workspace'),
  path: text.optional().describe('the OVA or OVF, relative to this manifest'),
  vm_name: text.optional().describe('the machine’s name; without it the name of this file'),
  vm_id: text.optional(),
  datacenter: text.optional(),
  export_timestamp: text.optional(),
  export_method: text.optional(),
})

const vm = z.strictObject({
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
const outputFormat = z.enum(['qcow2', 'raw', 'vdi'])

const disk = z.strictObject({
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
  format: outputFormat.optional(),
})

const nic = z.strictObject({
  id: text,
  mac: macAddress.optional(),
  network: text.optional().describe('the network’s name at the source'),
  model: nicModel.optional().describe('on the target'),
  ip: text.optional().describe('kept in the domain’s metadata for the reader'),
  vlan: vlanTag.optional().describe('the tag on the target, instead of that of the mapping'),
})

const attachment = z.union([
  bridge,
  z
    .strictObject({
      bridge: bridge.optional(),
      network: text.optional().describe('a network of libvirt'),
      bridge_type: z
        .enum(['linux', 'openvswitch'])
        .optional()
        .describe('openvswitch where there is a vlan, else linux; a vlan on a Linux bridge takes libvirt 11'),
      vlan: vlanTag.optional(),
      model: nicModel.optional(),
    })
    .refine((to) => (to.bridge === undefined) !== (to.network === undefined), 'needs either bridge or network')
    .refine((to) => to.bridge_type === undefined || to.bridge !== undefined, 'bridge_type is for a bridge'),
])

const networkMapping = z
  .strictObject({
    source_networks: z.record(z.string(), attachment).optional().describe('source network: bridge on the target'),
    mac_address_policy: z.enum(['preserve', 'regenerate', 'custom']).optional(),
    mac_address_overrides: z.record(macAddress, macAddress).optional(),
    default_bridge: bridge.optional().describe('for networks without an entry, and NICs without a network'),
    on_unmapped: z
      .enum(['error', 'default', 'keep'])
      .optional()
      .describe(
        'what becomes of a network without an entry: default takes default_bridge, keep the network of libvirt with the same name; ' +
          'error, but default where there is a default_bridge',
      ),
  })
  .refine((mapping) => mapping.on_unmapped !== 'default' || mapping.default_bridge !== undefined, {
    path: ['on_unmapped'],
    message: 'default needs a default_bridge',
  })

const pipeline = z.strictObject({
  convert: z
    .strictObject({
      enabled: z.boolean(),
      compress: z.boolean().optional(),
      compression: z.enum(['zlib', 'zstd']).optional(),
      compress_level: z.int().min(1).max(9).optional(),
      preallocation: z.enum(['off', 'metadata', 'falloc', 'full']).optional(),
    })
    .optional(),
  validate: z
    .strictObject({
      enabled: z.boolean(),
      check_image_integrity: z.boolean().optional(),
      compare_source: z.boolean().optional().describe('read source and result again and compare what the guest sees'),
    })
    .optional(),
})

/** One machine, as it stands in git: Artifact Manifest v1. */
export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  manifest_version: z.literal('1.0'),
  source,
  vm: vm.optional(),
  disks: z.array(disk).optional(),
  nics: z.array(nic).optional(),
  notes: z.array(z.unknown()).optional(),
  warnings: z.array(z.looseObject({ stage: text, message: text, timestamp: text.optional() })).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  network_mapping: networkMapping.optional(),
  pipeline: pipeline.optional(),
  output: z
    .strictObject({
      directory: text.optional().describe('relative to this manifest'),
      format: outputFormat.optional(),
      filename: text.optional().describe('for a machine with one disk'),
    })
    .optional(),
  target: text.optional().describe('a connection of the workspace'),
})

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestDisk = z.infer<typeof disk>
export type ManifestNic = z.infer<typeof nic>
export type NetworkMapping = z.infer<typeof networkMapping>
