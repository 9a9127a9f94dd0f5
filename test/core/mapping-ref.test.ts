import { describe, expect, it } from 'vitest'
import type { Layer } from '../../src/core/layer.ts'
import { type MappingFile, withMappingFiles } from '../../src/core/mapping-ref.ts'
import { mergeLayers } from '../../src/core/merge.ts'
import { originsOf } from '../../src/core/origin.ts'
import { layer, yaml } from './layer-texts.ts'

const files: Readonly<Record<string, unknown>> = {
  'mappings/network.yaml': yaml('{$schema: x, source_networks: {VM Network: br0, DMZ: br1}, on_unmapped: error}'),
  'mappings/storage.yaml': yaml('{default_pool: vms}'),
  'mappings/both.yaml': yaml(
    '{network_mapping: {source_networks: {LAN: br7}}, storage_mapping: {default_pool: fast}, $schema: x}',
  ),
  'mappings/named-chain.yaml': yaml('{network_mapping: {$ref: network.yaml}}'),
  'mappings/list.yaml': ['br0'],
  'mappings/chain.yaml': yaml('{$ref: network.yaml}'),
}

function expand(one: Layer) {
  const asked: string[] = []
  const read = (path: string, from: string): MappingFile => {
    asked.push(`${path} from ${from}`)
    return { file: path, value: files[path] }
  }
  const found = withMappingFiles(one, read)
  return 'issue' in found ? { issue: found.issue, asked } : { layers: found, asked }
}

describe('a mapping in a file of its own', () => {
  const defaults: Layer = {
    origin: { kind: 'defaults', name: 'defaults', file: 'h2k.yaml', path: ['defaults'] },
    value: yaml(
      '{target: kvm1, network_mapping: {$ref: mappings/network.yaml, source_networks: {DMZ: br2}}, storage_mapping: {$ref: mappings/storage.yaml}}',
    ),
  }

  it('is a layer below what names it', () => {
    const { layers = [], asked } = expand(defaults)
    expect(asked).toEqual(['mappings/network.yaml from h2k.yaml', 'mappings/storage.yaml from h2k.yaml'])
    expect(mergeLayers(layers)).toEqual(
      yaml(
        '{network_mapping: {source_networks: {VM Network: br0, DMZ: br2}, on_unmapped: error}, storage_mapping: {default_pool: vms}, target: kvm1}',
      ),
    )
  })

  it('each value stands in its own file', () => {
    const { layers = [] } = expand(defaults)
    const lines = originsOf(layers).map(({ path, layer: index, pathInLayer }) => {
      return `${path.join('.')} ${layers[index]?.origin.file} ${pathInLayer.join('.')}`
    })
    expect(lines.toSorted()).toEqual([
      'network_mapping.on_unmapped mappings/network.yaml on_unmapped',
      'network_mapping.source_networks.DMZ h2k.yaml defaults.network_mapping.source_networks.DMZ',
      'network_mapping.source_networks.VM Network mappings/network.yaml source_networks.VM Network',
      'storage_mapping.default_pool mappings/storage.yaml default_pool',
      'target h2k.yaml defaults.target',
    ])
  })

  it('may hold both by their names', () => {
    const one = layer(
      '{network_mapping: {$ref: mappings/both.yaml}, storage_mapping: {$ref: mappings/both.yaml, on_unmapped: keep}}',
    )
    const { layers = [] } = expand(one)
    expect(mergeLayers(layers)).toEqual(
      yaml(
        '{network_mapping: {source_networks: {LAN: br7}}, storage_mapping: {default_pool: fast, on_unmapped: keep}}',
      ),
    )
    const found = originsOf(layers).map(({ path, pathInLayer }) => `${path.join('.')} ${pathInLayer.join('.')}`)
    expect(found).toContain('storage_mapping.default_pool storage_mapping.default_pool')
    expect(expand(layer('{network_mapping: {$ref: mappings/named-chain.yaml}}')).issue).toMatchObject({
      path: ['network_mapping', '$ref'],
    })
  })

  it('a layer without one stays what it is', () => {
    const manifest = layer('{network_mapping: {source_networks: {a: br0}}}')
    expect(expand(manifest)).toEqual({ layers: [manifest], asked: [] })
    const wrong = layer('{network_mapping: {$ref: 5}, storage_mapping: null}')
    expect(expand(wrong)).toEqual({ layers: [wrong], asked: [] })
  })

  it.each([
    ['is a list', 'mappings/list.yaml', [], 'a mapping must be a map'],
    ['names another one', 'mappings/chain.yaml', ['$ref'], 'the file of a mapping cannot name another one'],
  ])('is refused when it %s', (_name, file, path, summary) => {
    expect(expand(layer(`network_mapping: {$ref: ${file}}`)).issue).toMatchObject({
      code: 'VALUE_INVALID',
      file,
      path,
      summary,
    })
  })
})
