import { describe, expect, it } from 'vitest'
import { expandBatch } from '../../src/core/expand-batch.ts'
import { batchSchema } from '../../src/core/language/batch.ts'
import { locate } from '../../src/core/language/place-issues.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import { layMachine } from '../../src/core/machine-layers.ts'
import { originOf, originsOf } from '../../src/core/origin.ts'
import { createProfiles } from '../../src/core/profiles.ts'
import { refusal } from '../support/refusal.ts'
import { bytes, layer } from './layer-texts.ts'

const file = 'batches/wave1.yaml'
const read = (text: string) => readAs(batchSchema, bytes(text), file)
const expand = (text: string) => expandBatch(read(text), file)
const problemsIn = (text: string) =>
  refusal(() => read(text)).map(({ at, code, summary }) => `${at?.line}:${at?.column} ${code} ${summary}`)
const issuesIn = (text: string) =>
  expand(text).issues.map(({ path, code, summary }) => {
    const { line, column } = locate(bytes(text), file, path)
    return `${line}:${column} ${code} ${summary}`
  })
const noProfiles = createProfiles({ names: () => [], find: () => undefined })

const full = `batch_version: "1.0"
batch_metadata:
  batch_id: exit-2026
  parallel_limit: 8
  continue_on_error: false
  ticket: CHG-1
vms:
  - manifest: ../manifests/web.yaml
    id: web
    priority: 1
    overrides:
      vm: {cpu: 8, mem_gb: null}
  - machine:
      source: {provider: ova, path: db.ova}
      disks: [{id: a, source_format: raw, bytes: 1, local_path: a, checksum: null, label: null, limits: null}]
    enabled: false
shared_config:
  manifest_version: "1.0"
  output_directory: ../converted
  pipeline: {convert: {compress: true}}
  output: {format: raw}
shared_config_wins: true
`

it('takes a batch apart', () => {
  const { entries, ...batch } = expand(full)
  expect(batch).toEqual({
    id: 'exit-2026',
    parallelLimit: 8,
    continueOnError: false,
    sharedConfigWins: true,
    issues: [],
  })
  expect(entries.map(({ id, priority, enabled }) => ({ id, priority, enabled }))).toEqual([
    { id: 'web', priority: 1, enabled: true },
    { id: 'vm_1', priority: 0, enabled: false },
  ])
  expect(entries[0]?.manifest).toEqual({ path: '../manifests/web.yaml', at: ['vms', 0, 'manifest'] })
  expect(entries[0]?.layers.overrides).toEqual({
    origin: { kind: 'overrides', name: 'overrides of web', file, path: ['vms', 0, 'overrides'] },
    value: { vm: { cpu: 8, mem_gb: null } },
  })
  expect(entries[1]?.manifest).toMatchObject({
    inline: { origin: { kind: 'manifest', file, path: ['vms', 1, 'machine'] }, value: { source: { path: 'db.ova' } } },
  })
})

it('has its defaults', () => {
  const batch = expand('batch_version: "1.0"\nvms: [{manifest: a.yaml}]\n')
  expect(batch).toMatchObject({ parallelLimit: 4, continueOnError: true, sharedConfigWins: false })
  expect(batch).not.toHaveProperty('id')
  expect(batch.entries).toMatchObject([{ id: 'vm_0', priority: 0, enabled: true }])
})

it('its values come to a machine with their lines', () => {
  const { entries } = expand(full)
  const [web, db] = entries
  if (!web || !db || !('inline' in db.manifest)) throw new Error('two entries, the second inline')
  const laid = layMachine(noProfiles, {
    manifest: [db.manifest.inline],
    shared: [db.layers.shared],
    overrides: [db.layers.overrides],
    sharedConfigWins: true,
  })
  if ('code' in laid) throw new Error(laid.summary)
  expect(laid.merged).toMatchObject({
    manifest_version: '1.0',
    source: { path: 'db.ova' },
    output: { directory: '../converted', format: 'raw' },
  })
  const lines = originsOf(laid.layers).map(
    ({ path, pathInLayer }) => `${path.join('.')} ${locate(bytes(full), file, pathInLayer).line}`,
  )
  expect(lines).toEqual([
    'source.provider 14',
    'source.path 14',
    'disks.0.id 15',
    'disks.0.source_format 15',
    'disks.0.bytes 15',
    'disks.0.local_path 15',
    'manifest_version 18',
    'pipeline.convert.compress 20',
    'output.format 21',
    'output.directory 19',
  ])
  const parts = {
    manifest: [layer('vm: {cpu: 2, mem_gb: 4}')],
    shared: [web.layers.shared],
    overrides: [web.layers.overrides],
  }
  const other = layMachine(noProfiles, parts)
  if ('code' in other) throw new Error(other.summary)
  expect(other.merged.vm).toEqual({ cpu: 8 })
  expect(originOf(other.layers, ['vm', 'cpu'])?.pathInLayer).toEqual(['vms', 0, 'overrides', 'vm', 'cpu'])
})

describe('refuses', () => {
  const head = 'batch_version: "1.0"\n'

  it.each([
    [
      'another version',
      'batch_version: "2.0"\nvms: [{manifest: a}]\n',
      ['1:1 VALUE_INVALID batch_version: must be "1.0"'],
    ],
    ['no machines', `${head}vms: []\n`, ['2:1 VALUE_INVALID vms: must be at least 1']],
    ['a misspelt key', `${head}vms: [{manifests: a}]\n`, ['2:8 KEY_UNKNOWN unknown key "manifests"']],
    [
      'a misspelt key of what is shared',
      `${head}vms: [{manifest: a}]\nshared_config: {pipelin: {}}\n`,
      ['3:17 KEY_UNKNOWN unknown key "pipelin"'],
    ],
    [
      'a misspelt key far down in overrides',
      `${head}vms: [{manifest: a, overrides: {pipeline: {convert: {compres: true}}}}]\n`,
      ['2:54 KEY_UNKNOWN unknown key "compres"'],
    ],
    [
      'a wrong value in a machine that stands in it',
      `${head}vms: [{machine: {vm: {cpu: two}}}]\n`,
      ['2:23 VALUE_INVALID vms[0].machine.vm.cpu: must be a number'],
    ],
    [
      'a limit of nothing',
      `${head}batch_metadata: {parallel_limit: 0}\nvms: [{manifest: a}]\n`,
      ['2:18 VALUE_INVALID batch_metadata.parallel_limit: must be at least 1'],
    ],
    [
      'a priority in words',
      `${head}vms: [{manifest: a, priority: high}]\n`,
      ['2:21 VALUE_INVALID vms[0].priority: must be a number'],
    ],
    [
      'enabled: no',
      `${head}vms: [{manifest: a, enabled: no}]\n`,
      ['2:21 VALUE_INVALID vms[0].enabled: must be true or false'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(problemsIn(text)).toEqual(expected)
  })

  it.each([
    [
      'neither a file nor a machine',
      `${head}vms:\n  - {manifest: a}\n  - {id: b}\n`,
      ['4:5 KEY_MISSING vms[1].manifest is missing'],
    ],
    [
      'both',
      `${head}vms:\n  - {manifest: a, machine: {}}\n`,
      ['3:19 VALUE_INVALID vms[0] has both manifest and machine'],
    ],
    [
      'an id twice, at both places',
      `${head}vms:\n  - {manifest: a, id: x}\n  - {manifest: b}\n  - {manifest: c, id: x}\n`,
      [
        '3:19 NAME_DUPLICATE the id "x" is also that of vms[2]',
        '5:19 NAME_DUPLICATE the id "x" is also that of vms[0]',
      ],
    ],
    [
      'an id that another one has by default',
      `${head}vms:\n  - {manifest: a, id: vm_1}\n  - {manifest: b}\n`,
      [
        '3:19 NAME_DUPLICATE the id "vm_1" is also that of vms[1]',
        '4:5 NAME_DUPLICATE the id "vm_1" is also that of vms[0]',
      ],
    ],
    [
      'an id three times, each once',
      `${head}vms: [{manifest: a, id: x}, {manifest: b, id: x}, {manifest: c, id: x}]\n`,
      [
        '2:21 NAME_DUPLICATE the id "x" is also that of vms[1]',
        '2:43 NAME_DUPLICATE the id "x" is also that of vms[0]',
        '2:65 NAME_DUPLICATE the id "x" is also that of vms[0]',
      ],
    ],
    [
      'two words for one thing',
      `${head}vms: [{manifest: a}]\nshared_config:\n  output_directory: a\n  output: {directory: b}\n`,
      ['4:3 VALUE_INVALID output_directory means output.directory, which is there too'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(issuesIn(text)).toEqual(expected)
  })
})

it('takes the batch of the predecessor as it stands', () => {
  const json = JSON.stringify({
    batch_version: '1.0',
    batch_metadata: { batch_id: 'my-migration', parallel_limit: 4, continue_on_error: true },
    vms: [
      { id: 'vm1', manifest: '/srv/vm1/manifest.json' },
      { id: 'vm2', manifest: '/srv/vm2/manifest.json', priority: 2, overrides: { output: { format: 'raw' } } },
    ],
    shared_config: { output_directory: '/converted' },
  })
  const { entries, issues } = expandBatch(readAs(batchSchema, bytes(json), 'batch.json'), 'batch.json')
  expect(issues).toEqual([])
  expect(entries.map(({ id, manifest }) => ({ id, manifest }))).toEqual([
    { id: 'vm1', manifest: { path: '/srv/vm1/manifest.json', at: ['vms', 0, 'manifest'] } },
    { id: 'vm2', manifest: { path: '/srv/vm2/manifest.json', at: ['vms', 1, 'manifest'] } },
  ])
})
