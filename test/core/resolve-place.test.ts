import { describe, expect, it } from 'vitest'
import type { Layer } from '../../src/core/layer.ts'
import type { DiskPlace } from '../../src/core/machine.ts'
import { resolveMachine } from '../../src/core/resolve-machine.ts'
import { config, described, desiredOf, machineOf, manifest, ova, paths, resolve } from './machines.ts'

const disk = (id: string, rest = '') =>
  `{id: ${id}, source_format: raw, bytes: 1048576, local_path: ${id}.raw${rest && `, ${rest}`}}`
const text = (disks: readonly string[], rest = '') =>
  `source: {provider: local, vm_name: web01}\nvm: {cpu: 1, mem_gb: 1}\ndisks: [${disks.join(', ')}]\n${rest}`
const placesOf = (disks: readonly string[], rest = '') => machineOf(text(disks, rest)).disks.map(({ place }) => place)
const issuesOf = (disks: readonly string[], rest = '') => resolve(text(disks, rest)).issues
const file = (path: string): DiskPlace => ({ kind: 'file', path })
const stays: DiskPlace = { kind: 'output' }

describe('a disk goes to', () => {
  it.each<[string, string, string, DiskPlace]>([
    ['the output folder when nobody says anything', '', '', stays],
    ['the output folder when the mapping is about others', '', 'disk_mappings: {b: /srv/vms}', stays],
    ['the output folder when that is asked for', '', 'disk_mappings: {b: /srv/vms}, on_unmapped: keep', stays],
    ['a directory by its id', '', 'disk_mappings: {a: /srv/vms}', file('/srv/vms/web01-a.qcow2')],
    ['a directory beside the manifest', '', 'disk_mappings: {a: ./vms}', file('/ws/manifests/vms/web01-a.qcow2')],
    [
      'a directory by its datastore',
      'datastore: fast ssd',
      'disk_mappings: {fast ssd: /ssd}',
      file('/ssd/web01-a.qcow2'),
    ],
    [
      'what its id says, before its datastore',
      'datastore: ds',
      'disk_mappings: {ds: /ds, a: /id}',
      file('/id/web01-a.qcow2'),
    ],
    [
      'its own file, before any mapping',
      'target_path: ../vms/x.img',
      'disk_mappings: {a: /srv}',
      file('/ws/vms/x.img'),
    ],
    ['the output folder, when its own file is there', 'target_path: ../output/web01/a.qcow2', '', stays],
  ])('%s', (_name, keys, mapping, expected) => {
    expect(placesOf([disk('a', keys)], mapping && `storage_mapping: {${mapping}}\n`)).toEqual([expected])
  })

  it('a file of the name that git gives it', () => {
    expect(placesOf([disk('a')], 'output: {filename: w.img}\nstorage_mapping: {disk_mappings: {a: /srv/}}\n')).toEqual([
      file('/srv/w.img'),
    ])
  })

  it('a directory that a mapping’s own file means', () => {
    const desired = desiredOf('web01', manifest(text([disk('a')], 'storage_mapping: {disk_mappings: {a: ../vms/}}\n')))
    const mapping: Layer = {
      origin: {
        kind: 'manifest',
        name: 'storage_mapping',
        file: 'mappings/deep/storage.yaml',
        path: [],
        moved: [{ to: ['storage_mapping'], from: [] }],
      },
      value: { storage_mapping: { disk_mappings: { a: '../vms/' } } },
    }
    const own = { ...desired.layers[0], value: {} } as Layer
    const resolved = resolveMachine(
      { ...desired, layers: [mapping, own] },
      { provider: 'local' },
      undefined,
      config,
      paths,
    )
    expect('machine' in resolved && resolved.machine.disks[0]?.place).toEqual(file('/ws/mappings/vms/web01-a.qcow2'))
  })

  it('where the datastore goes that the source names', () => {
    const source = { ...described, disks: described.disks.map((one) => ({ ...one, datastore: `ds-${one.id}` })) }
    const mapped = `${ova}storage_mapping: {disk_mappings: {ds-disk1: /one, ds-disk2: /two}}\n`
    expect(machineOf(mapped, source).disks.map(({ place }) => place)).toEqual([
      file('/one/web-disk1.qcow2'),
      file('/two/web-disk2.qcow2'),
    ])
  })

  it('a name that no folder minds, whatever the machine is called', () => {
    const hostile = text([disk('a')], 'storage_mapping: {disk_mappings: {a: /srv}}\n').replace('web01', '"../$(x)"')
    expect(machineOf(hostile).disks[0]?.place).toEqual(file('/srv/%2e.%2F%24%28x%29-a.qcow2'))
  })
})

describe('refused is', () => {
  const noPools = (pool: string) => `it goes to the pool "${pool}", and a folder has no pools`
  it.each([
    [
      'the default pool of a folder',
      '',
      'default_pool: vms',
      `storage_mapping.default_pool: disk a: ${noPools('vms')}`,
    ],
    [
      'a pool by the disk’s id',
      '',
      'disk_mappings: {a: fast}',
      `storage_mapping.disk_mappings.a: disk a: ${noPools('fast')}`,
    ],
    ['a pool of the disk’s own', 'pool: p', '', `disks.0.pool: disk a: ${noPools('p')}`],
    ['what is no pool', 'pool: a/b', '', 'disks.0.pool: disk a: a/b is no name of a pool'],
    [
      'a pool and a file',
      'pool: p, target_path: /srv/a.img',
      '',
      'disks.0.target_path: disk a: it has both a target_path and a pool',
    ],
    [
      'a directory that XML cannot name',
      '',
      'disk_mappings: {a: "/srv/a\\u0001b"}',
      'storage_mapping.disk_mappings.a: disk a: its path has a control character',
    ],
  ])('%s', (_name, keys, mapping, expected) => {
    expect(issuesOf([disk('a', keys)], mapping && `storage_mapping: {${mapping}}\n`)).toEqual([
      `VALUE_INVALID ${expected}`,
    ])
  })

  it('a disk without an entry where git wants that', () => {
    const mapping = 'storage_mapping: {disk_mappings: {a: /srv}, on_unmapped: error}\n'
    expect(issuesOf([disk('a'), disk('b', 'datastore: slow')], mapping)).toEqual([
      'MAPPING_DISK_MISSING disks.1: disk b: no mapping for it, nor for its datastore "slow"',
    ])
  })

  it('a default without a pool', () => {
    expect(() => resolve(text([disk('a')], 'storage_mapping: {on_unmapped: default}\n'))).toThrow(
      'default needs a default_pool',
    )
  })
})
