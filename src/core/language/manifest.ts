import { z } from 'zod'
import { cutover, suspend } from './cutover.ts'
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

const pipeline = z.strictObject({
  inspect: inspect.optional(),
  fix: fix.optional(),
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
      boot_test: bootTest.optional(),
    })
    .optional(),
})

const output = z.strictObject({
  directory: text
    .optional()
    .describe(
      'relative to the file that says it; said for many machines, by a profile or shared_config, each gets a folder of its own in it',
    ),
  format: outputFormat.optional(),
  filename: text.optional().describe('for a machine with one disk'),
})

const options = z.strictObject({
  dry_run: z.boolean().optional().describe('plan the machine and never apply it; false without it'),
  verbose: z.int().min(0).max(3).optional().describe('0 without it'),
  report: z
    .strictObject({
      enabled: z.boolean().optional().describe('true without it'),
      path: text.optional().describe('relative to the output folder'),
    })
    .optional(),
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
  vm: vm.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  network_mapping: networkMapping.optional(),
  network_limits: networkLimits.optional().describe('of each NIC on the target'),
  storage_mapping: storageMapping.optional(),
  pipeline: pipeline.optional(),
  configuration: guestConfiguration.optional().describe('what is set up in a Linux guest'),
  output: output.optional(),
  options: options.optional(),
  hooks: hooksSchema.optional(),
  libvirt_integration: libvirtIntegration.optional(),
  scaleway: scaleway.optional(),
  target: text.optional().describe('a connection of the workspace'),
  wave: text.optional().describe('the wave that it goes with'),
  priority: priority.optional().describe('within its wave, the lowest first; 0 without it'),
  depends_on: z.array(text).optional().describe('machines that have to be done before'),
  on_remove: z
    .enum(['forget', 'destroy'])
    .optional()
    .describe('what becomes of what h2k made when the machine is no longer in git; forget without it'),
  cutover: cutover.optional(),
  suspend: suspend.optional().describe('leave the machine as it is'),
}

/** All keys of a manifest but `$schema`. */
export const manifestParts = {
  manifest_version: z.literal('1.0'),
  ...profileParts,
  source,
  disks: z.array(disk).optional(),
  nics: z.array(nic).optional(),
  notes: z.array(z.unknown()).optional(),
  warnings: z.array(z.looseObject({ stage: text, message: text, timestamp: text.optional() })).optional(),
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
