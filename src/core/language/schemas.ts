import { z } from 'zod'
import { batchSchema } from './batch.ts'
import { eventSchema } from './events.ts'
import { manifestSchema } from './manifest.ts'
import { networkMapping } from './network-mapping.ts'
import { profileSchema } from './profile.ts'
import { batchProgressSchema, batchReportSchema, machineReportSchema } from './reports.ts'
import { runReportSchema } from './run-report.ts'
import { savedPlanSchema } from './saved-plan.ts'
import type { SchemaName } from './schema-names.ts'
import { storageMapping } from './storage-mapping.ts'
import { vmware2scwPlanSchema } from './vmware2scw.ts'
import { workspaceSchema } from './workspace.ts'

/** A file that `$ref` names: a network mapping or a storage mapping. */
const mappingFile = z.union([mappingSchema(networkMapping.shape), mappingSchema(storageMapping.shape)])

const sources = {
  workspace: workspaceSchema,
  manifest: manifestSchema,
  batch: batchSchema,
  profile: profileSchema,
  mapping: mappingFile,
  vmware2scw: vmware2scwPlanSchema,
  plan: savedPlanSchema,
  event: eventSchema,
  report: runReportSchema,
  machine_report: machineReportSchema,
  batch_report: batchReportSchema,
  batch_progress: batchProgressSchema,
} satisfies Record<SchemaName, z.ZodType>

/** The JSON Schemas of everything that people and programs exchange with h2k, by file name without ending. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' })
      return [name, withOwnKeys({ ...json, title: `h2k ${name}` }, name)]
    }),
  )
}

function mappingSchema({ $ref: _, ...shape }: z.ZodRawShape) {
  return z.strictObject({ $schema: z.string().optional(), ...shape })
}

// What `check` leaves out, an editor has to accept.
function withOwnKeys(schema: object, name: string): object {
  return ['workspace', 'manifest', 'batch', 'profile'].includes(name)
    ? { ...schema, patternProperties: { '^x-': {} } }
    : schema
}
