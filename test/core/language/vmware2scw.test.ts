import { describe, expect, it } from 'vitest'
import { readAs } from '../../../src/core/language/read-as.ts'
import { vmware2scwConfigSchema, vmware2scwPlanSchema } from '../../../src/core/language/vmware2scw.ts'
import { refusal } from '../../support/refusal.ts'
import { bytes } from '../layer-texts.ts'
import { configText, planText } from '../vmware2scw-plan.ts'

const plan = (text: string) => readAs(vmware2scwPlanSchema, bytes(text), 'plan.yaml')
const config = (text: string) => readAs(vmware2scwConfigSchema, bytes(text), 'migration.yaml')
const lines = (act: () => unknown) =>
  refusal(act).map(({ at, code, summary }) => `${at?.line}:${at?.column} ${code} ${summary}`)
const one = 'version: 1\nmigrations: [{vm_name: a}]\n'

it('reads a whole plan', () => {
  expect(plan(planText)).toMatchObject({
    concurrency: { max_total_workers: 50 },
    migrations: { length: 5 },
    waves: { length: 3 },
  })
})

it('has the defaults of its program', () => {
  expect(plan(one)).toEqual({
    version: 1,
    metadata: {},
    defaults: { zone: 'fr-par-1', sizing_strategy: 'optimize', tags: [], network_mapping: {}, skip_validation: false },
    concurrency: {
      max_exports_per_host: 4,
      max_concurrent_conversions: 3,
      max_concurrent_uploads: 6,
      max_concurrent_imports: 5,
      max_total_workers: 10,
    },
    migrations: [{ vm_name: 'a', priority: 5, tags: [], network_mapping: {} }],
    exclude: [],
    waves: [],
    post_migration: { power_off_source: false, delete_vmware_snapshot: true, delete_s3_transit: true },
  })
  expect(plan(`${one}waves: [{name: a}]\ndefaults: {zone: pl-waw-2}\n`)).toMatchObject({
    waves: [{ name: 'a', vms: [], pause_after: 'pause_on_failure' }],
    defaults: { zone: 'pl-waw-2', sizing_strategy: 'optimize' },
  })
})

describe('refuses', () => {
  it.each([
    ['another version', 'version: 2\nmigrations: [{vm_name: a}]\n', ['1:1 VALUE_INVALID version: must be 1']],
    ['no machines', 'version: 1\nmigrations: []\n', ['2:1 VALUE_INVALID migrations: must be at least 1']],
    ['an unknown key', `${one}excludes: []\n`, ['3:1 KEY_UNKNOWN unknown key "excludes"']],
    [
      'an unknown key of an entry',
      'version: 1\nmigrations: [{vm_name: a, target: b}]\n',
      ['2:27 KEY_UNKNOWN unknown key "target"'],
    ],
    [
      'an entry for nothing',
      'version: 1\nmigrations: [{priority: 1}]\n',
      ['2:14 VALUE_INVALID migrations[0]: needs exactly one of vm_name, vm_pattern, vm_regex, vm_folder, vm_tag'],
    ],
    [
      'an entry for two things',
      'version: 1\nmigrations: [{vm_name: a, vm_tag: b}]\n',
      ['2:14 VALUE_INVALID migrations[0]: needs exactly one of vm_name, vm_pattern, vm_regex, vm_folder, vm_tag'],
    ],
    ['an exclusion by folder', `${one}exclude: [{vm_folder: /a}]\n`, ['3:12 KEY_UNKNOWN unknown key "vm_folder"']],
    [
      'an exclusion of nothing',
      `${one}exclude: [{}]\n`,
      ['3:11 VALUE_INVALID exclude[0]: needs exactly one of vm_name, vm_pattern, vm_regex'],
    ],
    [
      'a priority of 0',
      'version: 1\nmigrations: [{vm_name: a, priority: 0}]\n',
      ['2:27 VALUE_INVALID migrations[0].priority: must be at least 1'],
    ],
    [
      'a priority of 11',
      'version: 1\nmigrations: [{vm_name: a, priority: 11}]\n',
      ['2:27 VALUE_INVALID migrations[0].priority: must be at most 10'],
    ],
    [
      'nine exports from one host',
      `${one}concurrency: {max_exports_per_host: 9}\n`,
      ['3:15 VALUE_INVALID concurrency.max_exports_per_host: must be at most 8'],
    ],
    [
      'eleven conversions',
      `${one}concurrency: {max_concurrent_conversions: 11}\n`,
      ['3:15 VALUE_INVALID concurrency.max_concurrent_conversions: must be at most 10'],
    ],
    [
      '21 uploads',
      `${one}concurrency: {max_concurrent_uploads: 21}\n`,
      ['3:15 VALUE_INVALID concurrency.max_concurrent_uploads: must be at most 20'],
    ],
    [
      '21 imports',
      `${one}concurrency: {max_concurrent_imports: 21}\n`,
      ['3:15 VALUE_INVALID concurrency.max_concurrent_imports: must be at most 20'],
    ],
    [
      '51 workers',
      `${one}concurrency: {max_total_workers: 51}\n`,
      ['3:15 VALUE_INVALID concurrency.max_total_workers: must be at most 50'],
    ],
    [
      'another word for sizing',
      `${one}defaults: {sizing_strategy: cheap}\n`,
      ['3:12 VALUE_INVALID defaults.sizing_strategy: must be "exact", "optimize" or "cost"'],
    ],
    [
      'what is no zone',
      `${one}defaults: {zone: paris}\n`,
      ['3:12 VALUE_INVALID defaults.zone: must be a zone, such as fr-par-1'],
    ],
    [
      'another pause',
      `${one}waves: [{name: a, pause_after: maybe}]\n`,
      ['3:19 VALUE_INVALID waves[0].pause_after: must be "continue", "pause" or "pause_on_failure"'],
    ],
    [
      'a regular expression without end',
      `version: 1\nmigrations: [{vm_regex: ${'a'.repeat(501)}}]\n`,
      ['2:15 VALUE_INVALID migrations[0].vm_regex: must be at most 500 characters long'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(lines(() => plan(text))).toEqual(expected)
  })
})

describe('its configuration', () => {
  it('is read as it stands', () => {
    expect(config(configText)).toMatchObject({
      vmware: { insecure: true },
      conversion: { compress_qcow2: true },
      migration: { parallel_exports: 2 },
    })
  })

  it('needs no more than where from and where to', () => {
    expect(config('vmware: {vcenter: a, username: b}\nscaleway: {}\n')).toEqual({
      vmware: { vcenter: 'a', username: 'b', insecure: false },
      scaleway: { default_zone: 'fr-par-1' },
      conversion: {},
      migration: {},
    })
  })

  it('tells what is wrong with it, and never repeats a secret', () => {
    const text = `vmware: {vcenter: "a b", username: b, password: 8315}
scaleway: {secret_key: [hunter2], secret_key_env: "hunter3 ", zone: fr-par-1}
`
    const problems = refusal(() => config(text))
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|8315/)
    expect(lines(() => config(text))).toEqual([
      '1:10 VALUE_INVALID vmware.vcenter: must be the name of a host',
      '2:35 VALUE_INVALID scaleway.secret_key_env: must be the name of an environment variable',
      '2:63 KEY_UNKNOWN unknown key "zone"',
    ])
  })
})
