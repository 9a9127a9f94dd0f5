import { z } from 'zod'
import { layerShape } from './layer-shape.ts'
import { profileName, profileParts } from './manifest.ts'

const os = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .describe('windows, linux or other; a first word such as debian or rhel; or how a VMware guest id begins')

const parts = layerShape(profileParts)

/** `profiles/NAME.yaml`: part of a manifest, for many machines. */
export const profileSchema = z.strictObject({
  ...parts,
  $schema: z.string().optional(),
  extends: profileName.optional().describe('the profile that this one changes, built-in or own'),
  description: z.string().optional().describe('for the reader'),
  when: z
    .array(z.strictObject({ ...parts, os }))
    .optional()
    .describe('parts for some systems only, each stronger than what stands before it'),
})

export type Profile = z.infer<typeof profileSchema>
