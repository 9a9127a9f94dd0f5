import { z } from 'zod'
import { cutover, suspend } from './cutover.ts'
import { domainPatch } from './domain-patch.ts'
import { guestConfiguration } from './guest-configuration.ts'
import { bootTest, fix, inspect } from './guest-repair.ts'
import { disk, nic, outputFormat, vm } from './hardware.ts'
import { hooksSchema } from './hooks.ts'
import { layerOf } from './layer-shape.ts'
import { networkLimits, networkMapping } from './network-mapping.ts'
import { libvirtIntegration, scaleway } from './publication.ts'
import { storageMapping } from './storage-mapping.ts'

const text = z.string().min(1)

export const profileName = z
  .string()
  .regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,99}$/, 'the name of a profile: letters, digits, . _ and -')
export const priority = z.int().min(-1000).max(1000)

/** Where the machine comes from. Other keys are kept for the reader and have no effect. */
const source = z.looseObject({
  provider: z
    .enum(['local', 'ova', 'ovf', 'vsphere', 'vmware', 'libvirt', 'vmx', 'azure', 'aws', 'hyperv'])
    .describe(
      'what kind of place it is; with disks and without connection any is taken, since disks that somebody exported are files',
    ),
  connection: text
    .optional()
    .describe('with libvirt, the connection of the workspace that has the domain whose disks are listed'),
  path: text.optional().describe('the OVA or OVF, relative to this manifest, or its https:// address'),
  vm_name: text
    .optional()
    .describe(
      'the machine’s name, its address is machine.NAME; else the name of this file, or of its folder for a manifest.yaml',
    ),
  vm_id: text
    .optional()
    .describe('the source’s own id, for the reader; with connection the UUID by which its domain is found'),
  datacenter: text.optional().describe('for the reader'),
  export_timestamp: text.optional().describe('for the reader'),
  export_method: text.optional().describe('for the reader'),
})

const pipeline = z.strictObject({
  inspect: inspect.optional().describe('a look into the guest'),
  fix: fix.optional().describe('repair of the guest, in a copy'),
  convert: z
    .strictObject({
      enabled: z.boolean().describe('false: a plain copy, whatever else this says'),
      compress: z.boolean().optional().meta({ description: 'a smaller qcow2, that takes longer', default: false }),
      compression: z
        .enum(['zlib', 'zstd'])
        .optional()
        .meta({ description: 'counts with compress; zlib for a qemu older than 5.1', default: 'zstd' }),
      compress_level: z
        .int()
        .min(1)
        .max(9)
        .optional()
        .describe('counts with compress: 1 is fast, 9 is small; 3 for zstd, 6 for zlib without it'),
      preallocation: z
        .enum(['off', 'metadata', 'falloc', 'full'])
        .optional()
        .meta({ description: 'as qemu-img has it: what is allocated before it is written', default: 'off' }),
      direct_io: z.boolean().optional().meta({
        description: 'qemu-img copies, past this host’s memory: for spinning and network storage; slower elsewhere',
        default: false,
      }),
      skip: z
        .array(z.enum(['swap']))
        .optional()
        .describe(
          'what stays behind: swap, the content of Linux swap partitions and logical volumes and of Windows’ pagefile.sys, swapfile.sys and hiberfil.sys, which the guest finds empty; all is copied without it',
        ),
    })
    .optional()
    .describe('how the disks are copied into output.format'),
  validate: z
    .strictObject({
      enabled: z.boolean().describe('false: no such stage'),
      check_image_integrity: z.boolean().optional().meta({ description: 'qemu-img check', default: true }),
      compare_source: z
        .boolean()
        .optional()
        .meta({ description: 'read source and result again and compare what the guest sees', default: false }),
      boot_test: bootTest.optional().describe('boots the result once; counts also when enabled above is false'),
    })
    .optional()
    .describe('checks of the result'),
})

const output = z.strictObject({
  directory: text
    .optional()
    .describe(
      'output/NAME of the workspace without it; relative to the file that says it; said for many machines, by a profile or shared_config, each gets a folder of its own in it',
    ),
  format: outputFormat.optional().meta({ description: 'of every disk that names none', default: 'qcow2' }),
  filename: text.optional().describe('for a machine with one disk; DISK.FORMAT without it'),
})

const options = z.strictObject({
  dry_run: z.boolean().optional().meta({ description: 'plan the machine and never apply it', default: false }),
  verbose: z.int().min(0).max(3).optional().meta({ description: 'how much a run says about the machine', default: 0 }),
  report: z
    .strictObject({
      enabled: z.boolean().optional().meta({ description: 'whether there is one', default: true }),
      path: text.optional().meta({ description: 'in the output folder', default: 'report.json' }),
    })
    .optional()
    .describe('what is written about the machine'),
})

/** The keys that may hold for many machines. */
export const profileParts = {
  source: z
    .strictObject({
      provider: source.shape.provider,
      connection: source.shape.connection,
      datacenter: source.shape.datacenter,
    })
    .optional(),
  vm: vm.optional().describe('the hardware; what it does not say, the source does'),
  metadata: z.record(z.string(), z.unknown()).optional().describe('anything, for the reader'),
  network_mapping: networkMapping.optional().describe('which network of the target stands for which of the source'),
  network_limits: networkLimits
    .optional()
    .describe('of each NIC on the target, in both directions; a NIC’s own limits replace them'),
  storage_mapping: storageMapping.optional().describe('where the disks go'),
  pipeline: pipeline.optional().describe('what is done on the way; what is absent is not done'),
  configuration: guestConfiguration.optional().describe('what is set up in a Linux guest'),
  output: output.optional().describe('where the disks go, and how'),
  options: options.optional().describe('how the machine is worked on'),
  hooks: hooksSchema.optional().describe('your own programs on the way'),
  domain_patch: domainPatch
    .optional()
    .describe('changes to the domain’s XML, in this order, for what there is no key for'),
  libvirt_integration: libvirtIntegration.optional().describe('how the machine is put into libvirt'),
  scaleway: scaleway.optional().describe('how the machine becomes an instance'),
  target: text.optional().describe('a connection of the workspace; its default without it'),
  wave: text.optional().describe('the wave that it goes with'),
  priority: priority.optional().meta({ description: 'within its wave, the lowest first', default: 0 }),
  depends_on: z.array(text).optional().describe('machines that have to be done before'),
  on_remove: z
    .enum(['forget', 'destroy'])
    .optional()
    .meta({ description: 'what becomes of what h2k made when the machine is no longer in git', default: 'forget' }),
  cutover: cutover.optional().describe('how the machine changes over'),
  suspend: suspend.optional().describe('leave the machine as it is'),
}

/** All keys of a manifest but `$schema`. */
export const manifestParts = {
  manifest_version: z.literal('1.0').describe('of this language'),
  ...profileParts,
  source: source.describe('where the machine comes from'),
  disks: z
    .array(disk)
    .optional()
    .describe('what the OVA or OVF says without it; in the order in which the machine has them'),
  nics: z
    .array(nic)
    .optional()
    .describe('what the OVA or OVF says without it; in the order in which the machine has them'),
  notes: z.array(z.unknown()).optional().describe('anything, for the reader'),
  warnings: z
    .array(
      z.looseObject({
        stage: text.describe('where it was found'),
        message: text.describe('what was found'),
        timestamp: text.optional().describe('when'),
      }),
    )
    .optional()
    .describe('for the reader'),
  profile: profileName.optional().describe('what the machine has in common with others'),
  profile_overrides: layerOf(profileParts, 'profile_part')
    .optional()
    .describe('stronger than the profile, weaker than everything else'),
  profiles_directory: text.optional().describe('where its profile is looked for first, relative to this file'),
}

/** One machine, as it stands in git: Artifact Manifest v1. */
export const manifestSchema = z.strictObject({ $schema: z.string().optional(), ...manifestParts })

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestDisk = z.infer<typeof disk>
export type ManifestNic = z.infer<typeof nic>
export type { NetworkMapping } from './network-mapping.ts'
