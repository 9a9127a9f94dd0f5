import { describe, expect, it } from 'vitest'
import { readAs } from '../../src/core/language/read-as.ts'
import { vmware2scwPlanSchema } from '../../src/core/language/vmware2scw.ts'
import { originsOf } from '../../src/core/origin.ts'
import { plannedLayers } from '../../src/core/vmware2scw-layers.ts'
import { notAppliedOfPlan } from '../../src/core/vmware2scw-not-applied.ts'
import { bytes, yaml } from './layer-texts.ts'
import { planText } from './vmware2scw-plan.ts'

const read = (text: string) => ({ plan: readAs(vmware2scwPlanSchema, bytes(text), 'plan.yaml'), written: yaml(text) })
const layers = (text: string, entry: number, rest: { inWaves?: boolean; wave?: number } = {}) =>
  plannedLayers({ ...read(text), file: 'plan.yaml', entry, inWaves: false, ...rest })

describe('what a plan says of a machine', () => {
  it('its defaults are shared, its entry is the machine’s own; nothing that is not written', () => {
    const { shared, overrides } = layers(planText, 0)
    expect(shared.value).toEqual({
      scaleway: { zone: 'nl-ams-1', sizing_strategy: 'cost', tags: ['from-vmware'] },
      network_mapping: { source_networks: { 'VM Network': 'vpc-a' } },
    })
    expect(overrides.value).toEqual({
      priority: 1,
      scaleway: { target_type: 'PLAY2-MICRO' },
      metadata: { notes: 'small | moved first' },
    })
    const short = layers('version: 1\nmigrations: [{vm_name: a}]\n', 0)
    expect([short.shared.value, short.overrides.value]).toEqual([{}, {}])
  })

  it('a wave by its entry is its own, one by a pattern is shared, and one without waves is a word', () => {
    expect(layers(planText, 0, { inWaves: true, wave: 0 })).toMatchObject({
      shared: { value: expect.not.objectContaining({ wave: 'canary' }) },
      overrides: { value: { wave: 'canary' } },
    })
    const { shared, overrides } = layers(planText, 1, { inWaves: true, wave: 1 })
    expect(originsOf([shared, overrides]).find(({ path }) => path[0] === 'wave')).toMatchObject({
      value: 'main',
      layer: 0,
      pathInLayer: ['waves', 1, 'vms'],
    })
    expect(layers(planText, 0).overrides.value).not.toHaveProperty('wave')
  })

  it('tags add up', () => {
    expect(layers(planText, 1).overrides.value).toMatchObject({ scaleway: { tags: ['from-vmware', 'shop'] } })
  })

  it('each of the tags is from the list that has it', () => {
    const text = 'version: 1\ndefaults: {tags: [a, b]}\nmigrations: [{vm_name: x, tags: [c, b]}]\n'
    const { shared, overrides } = layers(text, 0)
    const found = originsOf([shared, overrides]).map(({ value, pathInLayer }) => `${value}: ${pathInLayer.join('.')}`)
    expect(found).toEqual(['a: defaults.tags.0', 'b: migrations.0.tags.1', 'c: migrations.0.tags.0'])
  })

  it('every value is from where it stands in the plan', () => {
    const { shared, overrides } = layers(planText, 1)
    const found = originsOf([shared, overrides]).map(
      ({ path, pathInLayer }) => `${path.join('.')}: ${pathInLayer.join('.')}`,
    )
    expect(found).toEqual([
      'scaleway.zone: defaults.zone',
      'scaleway.sizing_strategy: defaults.sizing_strategy',
      'scaleway.tags.0: migrations.1.tags.1',
      'scaleway.tags.1: migrations.1.tags.0',
      'network_mapping.source_networks.VM Network: migrations.1.network_mapping.VM Network',
      'network_mapping.source_networks.DMZ: migrations.1.network_mapping.DMZ',
      'priority: migrations.1.priority',
    ])
  })
})

describe('what is not applied', () => {
  const told = (text: string) => {
    const { plan, written } = read(`version: 1\nmigrations: [{vm_name: a}]\n${text}`)
    return notAppliedOfPlan(plan, written).map(({ path }) => path.join('.'))
  }
  it.each([
    ['concurrency: {max_exports_per_host: 2}', ['concurrency.max_exports_per_host']],
    ['concurrency: {max_concurrent_uploads: 2}', ['concurrency.max_concurrent_uploads']],
    ['concurrency: {max_concurrent_imports: 2}', ['concurrency.max_concurrent_imports']],
    ['waves: [{name: a}]', []],
    ['post_migration: {tag_source: moved}', ['post_migration.tag_source']],
    ['post_migration: {power_off_source: true}', ['post_migration.power_off_source']],
    // A private network of Scaleway; no bridge has such a name.
    ['defaults: {network_mapping: {LAN: 3f2c9a52-1f0e-4a52-9f0e-6b1f1e9b1c11}}', ['defaults.network_mapping.LAN']],
    ['concurrency: {max_concurrent_conversions: 1, max_total_workers: 2}', []],
    ['post_migration: {tag_source: null, power_off_source: false, delete_s3_transit: true}', []],
    ['defaults: {network_mapping: {LAN: br0}}\nwaves: []', []],
  ])('%s', (text, expected) => {
    expect(told(text)).toEqual(expected)
  })
})
