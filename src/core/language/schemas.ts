import { z } from 'zod'
import { batchSchema } from './batch.ts'
import { eventSchema } from './events.ts'
import { manifestSchema } from './manifest.ts'
import { profileSchema } from './profile.ts'
import { savedPlanSchema } from './saved-plan.ts'
import { workspaceSchema } from './workspace.ts'

const sources = {
  workspace: workspaceSchema,
  manifest: manifestSchema,
  batch: batchSchema,
  profile: profileSchema,
  plan: savedPlanSchema,
  event: eventSchema,
}

/** The JSON Schemas of everything that people and programs exchange with h2k, by file name without ending. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' })
      return [name, withOwnKeys({ ...json, title: `h2k ${name}` }, name)]
    }),
  )
}

// What `check` leaves out, an editor has to accept.
function withOwnKeys(schema: object, name: string): object {
  return name !== 'plan' && name !== 'event' ? { ...schema, patternProperties: { '^x-': {} } } : schema
}
