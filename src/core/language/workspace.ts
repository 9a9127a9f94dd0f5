import { z } from 'zod'
import { isTimeZone, weekDays } from '../window.ts'
import { httpsConnection, scalewayConnection, vsphereConnection } from './connections.ts'
import { layerShape } from './layer-shape.ts'
import { profileName } from './manifest.ts'
import { networkLimits, networkMapping } from './network-mapping.ts'
import { notifications } from './notifications.ts'
import { policy } from './policy.ts'
import { storageMapping } from './storage-mapping.ts'

const text = z.string().min(1)

const filesConnection = z.strictObject({
  type: z.literal('files').describe('disks and a domain.xml in a folder'),
  domain_type: z.enum(['kvm', 'qemu']).optional().meta({ description: 'qemu is software emulation', default: 'kvm' }),
})

const libvirtConnection = z.strictObject({
  type: z.literal('libvirt').describe('domains in a libvirt'),
  uri: text.optional().meta({ description: 'such as qemu+ssh://root@kvm1/system', default: 'qemu:///system' }),
  domain_type: z
    .enum(['kvm', 'qemu'])
    .optional()
    .describe('qemu is software emulation; without it kvm where the host has it'),
})

const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as 22:00')
  .optional()

const window = z.strictObject({
  days: z
    .array(z.enum(weekDays))
    .min(1)
    .optional()
    .describe('on which it opens; one that ends after midnight belongs to the day before; all without it'),
  from: timeOfDay.meta({ description: 'time of day', default: '00:00' }),
  to: timeOfDay.meta({ description: 'time of day, also after midnight', default: '24:00' }),
  timezone: text
    .refine(isTimeZone, 'a time zone such as Europe/Paris')
    .optional()
    .meta({ description: 'of these times, such as Europe/Paris', default: 'UTC' }),
})

const wave = z.strictObject({
  name: text.describe('what machines name it by'),
  machines: z.array(text).optional().describe('names or globs; a machine may also name its wave'),
  pause_after: z
    .enum(['continue', 'pause', 'pause_on_failure'])
    .optional()
    .meta({ description: 'whether the next wave waits for a person', default: 'pause_on_failure' }),
  max_parallel: z.int().min(1).max(10_000).optional().describe('machines at the same time'),
  window: window.optional().describe('when machines of the wave may begin; what has begun goes on'),
})

/** `h2k.yaml`: what holds for the whole workspace. */
export const workspaceSchema = z.strictObject({
  $schema: z.string().optional(),
  h2k_version: z.literal(1).describe('of this language'),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/, 'letters, digits, . _ and - only')
    .describe('letters, digits, . _ and -; part of each domain’s UUID'),
  state: z
    .strictObject({
      backend: z.literal('sqlite').describe('a database in a file'),
      path: text.optional().meta({ description: 'the file, relative to this one', default: '.h2k/state.db' }),
    })
    .optional()
    .describe('where it is recorded what was done'),
  work_directory: text.optional().meta({ description: 'for what can be lost', default: '.h2k/work' }),
  include: z
    .array(text)
    .optional()
    .meta({
      description: 'where manifests and batches are, as globs',
      default: ['manifests/**/*.{yaml,yml,json}', 'batches/*.{yaml,yml,json}'],
    }),
  connections: z
    .record(
      z.string(),
      z.discriminatedUnion('type', [
        filesConnection,
        libvirtConnection,
        httpsConnection,
        vsphereConnection,
        scalewayConnection,
      ]),
    )
    .optional()
    .describe('sources and targets by their name'),
  defaults: z
    .strictObject({
      target: text.optional().describe('a connection; files under output/ where none is named'),
      profile: profileName.nullable().optional().describe('for machines that name none'),
      wave: text.nullable().optional().describe('for machines that name none and that no wave does'),
      ...layerShape({
        network_mapping: networkMapping,
        network_limits: networkLimits,
        storage_mapping: storageMapping,
      }),
    })
    .optional()
    .describe('for all machines, weaker than everything else that is said about them'),
  profiles_directory: text.optional().meta({ description: 'where your profiles are', default: 'profiles' }),
  concurrency: z
    .strictObject({
      disk_io: z.int().min(1).max(1000).optional().meta({ description: 'copies at the same time', default: 3 }),
      guestfs: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .meta({ description: 'guests that are looked into or repaired at the same time', default: 2 }),
      boot_test: z.int().min(1).max(1000).optional().meta({ description: 'trial boots at the same time', default: 1 }),
      global: z.int().min(1).max(10_000).optional().meta({ description: 'stages at the same time', default: 10 }),
    })
    .optional()
    .describe('how much is done at the same time'),
  policy: policy.optional().describe('what is allowed'),
  notifications: notifications.optional().describe('who is told how runs go'),
  waves: z.array(wave).optional().describe('which machines go together, in the order in which they go'),
})

export type WorkspaceConfig = z.infer<typeof workspaceSchema>
