import { expect, it } from 'vitest'
import { expandBatch } from '../../../src/core/expand-batch.ts'
import { batchSchema } from '../../../src/core/language/batch.ts'
import { jsonSchemas } from '../../../src/core/language/schemas.ts'
import { machineOf } from '../machines.ts'

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly const?: unknown
  readonly default?: unknown
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** The same with every default that the schema names written out, wherever the value has what is around it. */
function writtenOut(value: unknown, schema: Schema, root: Schema, filled: string[], path = ''): unknown {
  const here = schema.$ref ? (root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {}) : schema
  if (Array.isArray(value)) return value.map((item) => writtenOut(item, here.items ?? {}, root, filled, `${path}[]`))
  if (typeof value !== 'object' || value === null) return value
  const type = (value as { readonly type?: unknown }).type
  const { properties = {} } = here.oneOf?.find((one) => one.properties?.type?.const === type) ?? here
  const given = Object.entries(value).map(([key, member]) => {
    return [key, writtenOut(member, properties[key] ?? {}, root, filled, `${path}.${key}`)] as const
  })
  const missing = Object.entries(properties).flatMap(([key, member]) => {
    if (member.default === undefined || Object.hasOwn(value, key)) return []
    filled.push(`${path}.${key}`)
    return [[key, member.default] as const]
  })
  return Object.fromEntries([...given, ...missing])
}

const manifest = {
  source: { provider: 'local' },
  vm: { cpu: 1, mem_gb: 1 },
  disks: [{ id: 'boot', source_format: 'raw', bytes: 1048576, local_path: 'boot.raw' }],
  nics: [{ id: 'nic0', mac: '00:50:56:aa:bb:01', network: 'LAN' }],
  network_mapping: { default_bridge: 'br0' },
  pipeline: {
    inspect: { enabled: true },
    fix: { enabled: true },
    convert: { enabled: true, compress: true },
    validate: { enabled: true },
  },
  output: {},
  options: { report: {} },
  hooks: {
    pre_convert: [
      { type: 'script', path: 'a.sh', retry: {} },
      { type: 'http', url: 'https://example.com/' },
    ],
  },
}

// A key a line, as the text of a manifest has it.
const yamlOf = (value: unknown) =>
  Object.entries(value as object)
    .map(([key, member]) => `${key}: ${JSON.stringify(member)}\n`)
    .join('')

it('the defaults that the schema of a manifest names are those that machines have', () => {
  const schema = jsonSchemas().manifest as Schema
  const filled: string[] = []
  const full = writtenOut(manifest, schema, schema, filled)
  expect(filled).toEqual(
    expect.arrayContaining([
      '.vm.machine_type',
      '.disks[].bus',
      '.nics[].model',
      '.pipeline.fix.fstab_mode',
      '.pipeline.convert.compression',
      '.pipeline.validate.check_image_integrity',
      '.output.format',
      '.hooks.pre_convert[].timeout',
      '.hooks.pre_convert[].retry.max_delay',
      '.hooks.pre_convert[].method',
    ]),
  )
  expect(machineOf(yamlOf(full))).toEqual(machineOf(yamlOf(manifest)))
})

it('and so are those of a batch', () => {
  const schema = jsonSchemas().batch as Schema
  const batch = { batch_version: '1.0', batch_metadata: {}, vms: [{ manifest: 'a.yaml' }], shared_config: {} }
  const filled: string[] = []
  const full = writtenOut(batch, schema, schema, filled)
  expect(filled.length).toBeGreaterThan(4)
  expect(expandBatch(batchSchema.parse(full), 'b.yaml')).toEqual(expandBatch(batchSchema.parse(batch), 'b.yaml'))
})
