import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/core/language/check.ts'
import { manifestSchema } from '../../src/core/language/manifest.ts'
import { locate } from '../../src/core/language/place-issues.ts'
import type { JsonObject, Layer } from '../../src/core/layer.ts'
import { isMap, valueAt } from '../../src/core/layer.ts'
import { mergeLayers } from '../../src/core/merge.ts'
import { issuesInFiles, originsOf } from '../../src/core/origin.ts'
import { bytes, layer, yaml } from './layer-texts.ts'

const files: Readonly<Record<string, string>> = {
  'profiles/base.yaml': `# what all have
vm:
  cpu: 2
  mem_gb: 4
pipeline:
  convert:
    enabled: true
    compress: true
`,
  'batches/wave1.yaml': `batch_version: "1.0"
vms:
  - manifest: ../manifests/web.yaml
    overrides:
      vm: {cpu: 8}
      notes: [{by: ops}, later]
shared_config:
  pipeline:
    convert: {compress_level: 6}
  output_directory: /converted
`,
  'manifests/web.yaml': `manifest_version: "1.0"
source:
  provider: ova
  path: web.ova
vm: {mem_gb: 16}
metadata: {}
`,
}

const at = (kind: Layer['origin']['kind'], file: string, path: readonly (string | number)[]): Layer => {
  const value = valueAt(yaml(files[file] ?? ''), path)
  if (!isMap(value)) throw new Error(`no map at ${path.join('.')}`)
  return { origin: { kind, name: kind, file, path }, value }
}
const shared: Layer = {
  origin: {
    kind: 'shared_config',
    name: 'shared_config',
    file: 'batches/wave1.yaml',
    path: ['shared_config'],
    moved: [{ to: ['output', 'directory'], from: ['shared_config', 'output_directory'] }],
  },
  value: yaml('{pipeline: {convert: {compress_level: 6}}, output: {directory: /converted}}'),
}
const layers = [
  at('profile', 'profiles/base.yaml', []),
  shared,
  at('manifest', 'manifests/web.yaml', []),
  at('overrides', 'batches/wave1.yaml', ['vms', 0, 'overrides']),
]

function lineOf(file: string, path: readonly PropertyKey[]): string {
  const { line, column } = locate(bytes(files[file] ?? ''), file, path)
  return `${file}:${line}:${column}`
}

it('tells of every value in which file, line and column it stands', () => {
  const lines = originsOf(layers).map(({ path, value, layer, pathInLayer }) => {
    return `${path.join('.')} = ${JSON.stringify(value)} ${lineOf(layers[layer]?.origin.file ?? '', pathInLayer)}`
  })
  expect(lines).toEqual([
    'vm.cpu = 8 batches/wave1.yaml:5:12',
    'vm.mem_gb = 16 manifests/web.yaml:5:6',
    'pipeline.convert.enabled = true profiles/base.yaml:7:5',
    'pipeline.convert.compress = true profiles/base.yaml:8:5',
    'pipeline.convert.compress_level = 6 batches/wave1.yaml:9:15',
    'output.directory = "/converted" batches/wave1.yaml:10:3',
    'manifest_version = "1.0" manifests/web.yaml:1:1',
    'source.provider = "ova" manifests/web.yaml:3:3',
    'source.path = "web.ova" manifests/web.yaml:4:3',
    'metadata = {} manifests/web.yaml:6:1',
    'notes.0.by = "ops" batches/wave1.yaml:6:16',
    'notes.1 = "later" batches/wave1.yaml:6:26',
  ])
})

describe('findings on the merged layers stand where a person edits', () => {
  const problems = (...more: Layer[]) => {
    const all = [...layers, ...more]
    const checked = check(manifestSchema, mergeLayers(all))
    return issuesInFiles(checked.issues ?? [], all).map(({ code, file, path, summary }) => {
      return `${file} ${path.join('.')} ${code} ${summary}`
    })
  }

  it('a wrong value in the layer that gives it', () => {
    expect(problems(layer('vm: {tpm: maybe}', 'overrides', 'last.yaml'))).toEqual([
      'last.yaml vm.tpm VALUE_INVALID vm.tpm: must be true or false',
    ])
  })

  it('a key that nobody knows where it stands', () => {
    expect(problems(layer('vm: {cpus: 1}', 'shared_config', 'shared.yaml'))).toEqual([
      'shared.yaml vm.cpus KEY_UNKNOWN unknown key "cpus"',
    ])
  })

  it('a missing key in the strongest layer that has what is around it', () => {
    expect(problems(layer('pipeline: {fix: {backup: true}}', 'manifest', 'late.yaml'))).toEqual([
      'late.yaml pipeline.fix KEY_MISSING pipeline.fix.enabled is missing',
    ])
  })

  it('a missing key where it was removed', () => {
    expect(problems(layer('source: {provider: null}', 'overrides', 'late.yaml'))).toEqual([
      'late.yaml source.provider KEY_MISSING source.provider is missing',
    ])
  })

  it('what is missing at the top in the manifest, not in what is stronger', () => {
    const parts = layers.map((one) => (one.origin.kind === 'manifest' ? { ...one, value: {} } : one))
    const checked = check(manifestSchema, mergeLayers(parts))
    expect(issuesInFiles(checked.issues ?? [], parts).map(({ file, summary }) => `${file} ${summary}`)).toEqual([
      'manifests/web.yaml manifest_version is missing',
      'manifests/web.yaml source is missing',
    ])
  })
})

const key = fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__')
const json = fc.letrec<{ value: unknown; map: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 2 }),
    tie('map'),
  ),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
})).map

function leavesOf(value: unknown, path: string): string[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (members.length === 0) return path === '' ? [] : [path]
  return members.flatMap(([name, member]) => leavesOf(member, `${path}/${name}`))
}

it('for any layers: every leaf of the result has an origin, and the value stands there', () => {
  fc.assert(
    fc.property(fc.array(json, { minLength: 1, maxLength: 4 }), (values) => {
      const all = values.map((value, index): Layer => {
        return { origin: { kind: 'manifest', name: `${index}`, file: `${index}.yaml`, path: ['at', index] }, value }
      })
      const merged = mergeLayers(all)
      const found = originsOf(all)
      expect(found.map(({ path }) => `/${path.join('/')}`)).toEqual(leavesOf(merged, ''))
      for (const { path, value, layer: index, pathInLayer } of found) {
        expect(valueAt(merged, path)).toEqual(value)
        expect(pathInLayer).toEqual(['at', index, ...path])
        // A map of which all was removed is empty in the result alone.
        if (!isMap(value)) expect(valueAt(values[index], path)).toEqual(value)
      }
    }),
  )
})
