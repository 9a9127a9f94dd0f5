import { describe, expect, it } from 'vitest'
import { check } from '../../src/core/language/check.ts'
import { manifestSchema } from '../../src/core/language/manifest.ts'
import { locate } from '../../src/core/language/place-issues.ts'
import type { Profile } from '../../src/core/language/profile.ts'
import type { Layer } from '../../src/core/layer.ts'
import { type LayeredMachine, layMachine, type MachineParts } from '../../src/core/machine-layers.ts'
import { originsOf } from '../../src/core/origin.ts'
import { createProfiles } from '../../src/core/profiles.ts'
import { bytes, layer, yaml } from './layer-texts.ts'

/** Lays a machine over profiles that are given by their texts. */
function lay(
  texts: Readonly<Record<string, string>>,
  parts: MachineParts,
  defaults: readonly Layer[] = [],
  os?: string,
): LayeredMachine {
  const find = (name: string) => ({ file: `profiles/${name}.yaml`, profile: yaml(texts[name] ?? '') as Profile })
  const layered = layMachine(createProfiles({ names: () => Object.keys(texts), find }, defaults), parts, os)
  if ('code' in layered) throw new Error(layered.summary)
  return layered
}

const priorityOf = ({ merged }: LayeredMachine) => merged.priority

describe('which layer is stronger', () => {
  // Each names itself; the strongest that is there is seen.
  const all = {
    defaults: layer('{profile: child, priority: 1}', 'defaults'),
    shared: layer('{priority: 5, profile_overrides: {priority: 4}}', 'shared_config'),
    manifest: layer('{priority: 6}', 'manifest'),
    overrides: layer('{priority: 7}', 'overrides'),
  }
  const texts = { parent: 'priority: 2', child: 'extends: parent\npriority: 3' }
  const withoutPriority = (one: Layer): Layer => ({
    ...one,
    value: Object.fromEntries(Object.entries(one.value).filter(([key]) => key !== 'priority')),
  })

  it.each([
    ['overrides', { manifest: [all.manifest], shared: [all.shared], overrides: [all.overrides] }, 7],
    ['then the manifest', { manifest: [all.manifest], shared: [all.shared] }, 6],
    ['then shared_config', { manifest: [layer('{}')], shared: [all.shared] }, 5],
    ['then profile_overrides', { manifest: [layer('{}')], shared: [withoutPriority(all.shared)] }, 4],
    ['then the profile', { manifest: [layer('{}')] }, 3],
    ['then what the profile extends', { manifest: [layer('{profile: parent}')] }, 2],
    ['then the defaults of the workspace', { manifest: [layer('{profile: null}')] }, 1],
    [
      'the manifest before shared_config, unless that is to win',
      { manifest: [all.manifest], shared: [all.shared], sharedConfigWins: true },
      5,
    ],
    [
      'overrides even then',
      { manifest: [all.manifest], shared: [all.shared], overrides: [all.overrides], sharedConfigWins: true },
      7,
    ],
  ])('%s', (_name, parts, expected) => {
    expect(priorityOf(lay(texts, parts, [all.defaults]))).toBe(expected)
  })

  it('they are listed in this order', () => {
    const { layers } = lay(texts, { manifest: [all.manifest], shared: [all.shared], overrides: [all.overrides] }, [
      all.defaults,
    ])
    expect(layers.map(({ origin }) => origin.name)).toEqual([
      'defaults',
      'profile parent',
      'profile child',
      'profile_overrides of shared_config',
      'shared_config',
      'manifest',
      'overrides',
    ])
  })
})

describe('which profile a machine has', () => {
  const texts = { a: 'metadata: {is: a}', b: 'metadata: {is: b}', c: 'metadata: {is: c}', d: 'metadata: {is: d}' }
  const defaults = [layer('profile: a', 'defaults')]

  it.each([
    ['that of the workspace', { manifest: [layer('{}')] }, 'a'],
    ['that of the batch', { manifest: [layer('{}')], shared: [layer('profile: b', 'shared_config')] }, 'b'],
    ['that of its manifest', { manifest: [layer('profile: c')], shared: [layer('profile: b', 'shared_config')] }, 'c'],
    [
      'that of the batch, where that wins',
      { manifest: [layer('profile: c')], shared: [layer('profile: b', 'shared_config')], sharedConfigWins: true },
      'b',
    ],
    ['that of its entry', { manifest: [layer('profile: c')], overrides: [layer('profile: d', 'overrides')] }, 'd'],
    [
      'none, where the manifest says so',
      { manifest: [layer('profile: null')], shared: [layer('profile: b', 'shared_config')] },
      undefined,
    ],
    [
      'again one after that',
      { manifest: [layer('profile: null')], overrides: [layer('profile: d', 'overrides')] },
      'd',
    ],
  ])('%s', (_name, parts, expected) => {
    const layered = lay(texts, parts, defaults)
    expect(layered.profile).toBe(expected)
    expect(layered.merged.metadata).toEqual(expected === undefined ? undefined : { is: expected })
    expect(layered.merged.profile).toBe(expected)
  })

  it('what is no name is left to the schema', () => {
    const { merged } = lay(texts, {
      manifest: [layer('{manifest_version: "1.0", source: {provider: ova}, profile: [a]}')],
    })
    expect(check(manifestSchema, merged).issues?.map(({ summary }) => summary)).toEqual(['profile: must be text'])
  })

  it('an unknown one is told where the strongest layer names it', () => {
    const profiles = createProfiles({ names: () => ['production'], find: () => undefined })
    const overrides: Layer = {
      origin: { kind: 'overrides', name: 'overrides of a', file: 'b.yaml', path: ['vms', 3, 'overrides'] },
      value: { profile: 'producton' },
    }
    expect(layMachine(profiles, { manifest: [layer('profile: production')], overrides: [overrides] })).toEqual({
      code: 'PROFILE_UNKNOWN',
      file: 'b.yaml',
      path: ['vms', 3, 'overrides', 'profile'],
      summary: 'there is no profile "producton"',
      hint: 'did you mean "production"?',
    })
  })
})

describe('profile_overrides', () => {
  const texts = { a: 'pipeline: {convert: {enabled: true, compress: true, compress_level: 6}}' }

  it('change the profile and nothing stronger', () => {
    const manifest = layer(
      '{profile: a, profile_overrides: {pipeline: {convert: {compress_level: 9, compress: false}}}, pipeline: {convert: {compress: true}}}',
    )
    expect(lay(texts, { manifest: [manifest] }).merged).toEqual(
      yaml('{profile: a, pipeline: {convert: {enabled: true, compress: true, compress_level: 9}}}'),
    )
  })

  it('of several layers merge, the stronger one above', () => {
    const parts = {
      shared: [layer('profile_overrides: {priority: 1, metadata: {a: 1}}', 'shared_config')],
      manifest: [layer('profile: a\nprofile_overrides: {priority: 2, metadata: {b: 2}}')],
    }
    expect(lay(texts, parts).merged).toMatchObject({ priority: 2, metadata: { a: 1, b: 2 } })
  })

  it('a null takes back those of weaker layers', () => {
    const parts = {
      shared: [layer('profile_overrides: {priority: 1}', 'shared_config')],
      manifest: [layer('profile: a\nprofile_overrides: null')],
    }
    expect(priorityOf(lay(texts, parts))).toBeUndefined()
  })

  it('what is no map is left to the schema', () => {
    const { merged } = lay(texts, {
      manifest: [layer('{manifest_version: "1.0", source: {provider: ova}, profile_overrides: 5}')],
    })
    expect(check(manifestSchema, merged).issues?.map(({ summary }) => summary)).toEqual([
      'profile_overrides: must be a map',
    ])
  })
})

describe('the system that a profile asks for', () => {
  const texts = { a: 'when: [{os: windows, metadata: {is: windows}}]', b: 'metadata: {is: b}' }
  const windows = layer('{profile: a, vm: {os_hint: windows2022srvNext_64Guest}}')

  it.each([
    ['is what git says', [windows], undefined, { is: 'windows' }, false],
    ['even when the source says another', [windows], 'debian', { is: 'windows' }, false],
    ['else what the source says', [layer('profile: a')], 'windows9Guest', { is: 'windows' }, true],
    ['else unknown', [layer('profile: a')], undefined, undefined, true],
    ['which git may say, too', [layer('profile: a\nvm: {os_hint: unknown}')], 'windows', { is: 'windows' }, true],
    ['and nobody is asked for a profile without such parts', [layer('profile: b')], undefined, { is: 'b' }, false],
  ])('%s', (_name, manifest, os, metadata, wantsOs) => {
    const layered = lay(texts, { manifest }, [], os)
    expect(layered.merged.metadata).toEqual(metadata)
    expect(layered.wantsOs).toBe(wantsOs)
  })
})

/** A machine that says everything itself: sixteen lines of it are the same for all. */
const common = `vm:
  firmware: uefi
  cpu_mode: host-model
network_mapping:
  source_networks:
    VM Network: br0
    DMZ: {bridge: br-dmz, bridge_type: openvswitch, vlan: 110}
  mac_address_policy: preserve
pipeline:
  inspect: {enabled: true, collect_guest_info: true}
  fix:
    enabled: true
    backup: true
    fstab_mode: stabilize-all
    network_mode: rename
  convert:
    enabled: true
    compress: true
    compression: zstd
  validate:
    enabled: true
    check_image_integrity: true
hooks:
  post_publish:
    - type: http
      url: https://cmdb.example/api
      body: {machine: "{{ machine }}"}
options:
  report: {enabled: true, path: report.json}
output:
  format: qcow2
target: kvm1
`
const own = (index: number) => `manifest_version: "1.0"
source: {provider: ova, path: images/web${index}.ova}
metadata: {owner: team-${index % 3}}
`
const lines = (texts: readonly string[]) => texts.join('').split('\n').length - 1

it('twenty machines by a profile are the same as twenty that say all of it, in less than a fifth of the lines', () => {
  const flat = Array.from({ length: 20 }, (_, index) => own(index) + common)
  const short = Array.from({ length: 20 }, (_, index) => own(index))
  const texts = { standard: common }
  const defaults = [layer('profile: standard', 'defaults')]
  for (const [index, text] of short.entries()) {
    const { profile: _, ...merged } = lay(texts, { manifest: [layer(text)] }, defaults).merged
    expect(merged).toEqual(yaml(flat[index] ?? ''))
    expect(check(manifestSchema, merged).issues).toBeUndefined()
  }
  expect(lines([...short, common, 'profile: standard\n'])).toBeLessThan(0.2 * lines(flat))
})

it('each value of a machine by a profile has its file and line', () => {
  const manifest = layer(own(1), 'manifest', 'manifests/web1.yaml')
  const { layers } = lay({ standard: common }, { manifest: [manifest] }, [
    layer('profile: standard', 'defaults', 'h2k.yaml'),
  ])
  const texts: Readonly<Record<string, string>> = {
    'manifests/web1.yaml': own(1),
    'profiles/standard.yaml': common,
    'h2k.yaml': 'profile: standard',
  }
  const found = originsOf(layers).map(({ path, layer: index, pathInLayer }) => {
    const { file } = layers[index]?.origin ?? { file: '' }
    return `${path.join('.')} ${file}:${locate(bytes(texts[file] ?? ''), file, pathInLayer).line}`
  })
  expect(found).toContain('profile h2k.yaml:1')
  expect(found).toContain('source.path manifests/web1.yaml:2')
  expect(found).toContain('network_mapping.source_networks.DMZ.vlan profiles/standard.yaml:7')
  expect(found).toContain('hooks.post_publish.0.body.machine profiles/standard.yaml:27')
})

it('takes a null in an item of disks, nics or warnings for nothing said', () => {
  const text = `{disks: [{id: a, label: null, limits: {iops: 1, bytes_per_second: null}}, null], nics: [{mac: null}],
    warnings: [{stage: a, timestamp: null}], notes: [{a: null}]}`
  expect(lay({}, { manifest: [layer(text)] }).merged).toEqual({
    disks: [{ id: 'a', limits: { iops: 1 } }, null],
    nics: [{}],
    warnings: [{ stage: 'a' }],
    notes: [{ a: null }],
  })
})
