/** What there is a JSON Schema of: files that people write, then what h2k writes. */
export const schemaNames = [
  'workspace',
  'manifest',
  'batch',
  'profile',
  'mapping',
  'vmware2scw',
  'plan',
  'event',
  'report',
  'machine_report',
  'batch_report',
  'batch_progress',
] as const
export type SchemaName = (typeof schemaNames)[number]

/** Those that a workspace keeps for its editor. */
export const editedSchemas: readonly SchemaName[] = ['workspace', 'manifest', 'batch', 'profile', 'mapping']
