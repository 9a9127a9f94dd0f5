import { describe, expect, it } from 'vitest'
import { earlierFormat, fileKind } from '../../../src/core/language/file-kind.ts'
import { manifestSchema } from '../../../src/core/language/manifest.ts'
import { readAs } from '../../../src/core/language/read-as.ts'
import { refusal } from '../../support/refusal.ts'
import { bytes, yaml } from '../layer-texts.ts'

const head = 'manifest_version: "1.0"\nsource: {provider: ova, path: web.ova}\n'
const read = (text: string) => readAs(manifestSchema, bytes(head + text), 'web.yaml')
const problemsIn = (text: string) =>
  refusal(() => read(text)).map(({ at, code, summary }) => `${at?.line}:${at?.column} ${code} ${summary}`)

it.each([
  'pipeline: {inspect: {enabled: true, collect_guest_info: true}, fix: {enabled: true, backup: true, print_fstab: true, update_grub: false, regen_initramfs: true, fstab_mode: bypath-only, remove_vmware_tools: true, network_mode: dhcp, serial_console: true}, validate: {enabled: true, boot_test: {enabled: true, timeout_seconds: 300, expect: "login:"}}}',
  'options: {dry_run: true, verbose: 3, report: {enabled: true, path: report.json}}',
  'profile: production\nprofile_overrides: {pipeline: {convert: {compress_level: 9}}}\nprofiles_directory: ../profiles',
  'network_mapping: {$ref: ../mappings/network.yaml, default_bridge: br0}',
  'storage_mapping: {$ref: ../mappings/storage.yaml, default_pool: vms, disk_mappings: {boot: /srv/boot, "datastore 1": fast}, format_override: raw, preallocate: true, provisioning: thick, on_unmapped: keep, disk_limits: {iops: 500, bytes_per_second: 104857600}}',
  'network_limits: {average_kib: 1000, peak_kib: 2000, burst_kib: 512}',
  'hooks: {on_failure: [{type: http, url: "https://chat.example/hook"}]}',
  'libvirt_integration: {enabled: true, define_domain: true, overwrite_domain: false, import_to_pool: vms, pool_path: /srv, copy_disks: false, overwrite_volumes: true, create_snapshot: true, snapshot_name: first, autostart: true, auto_start: false, vm_name: web, uri: "qemu:///system"}',
  'scaleway: {zone: fr-par-1, target_type: PLAY2-NANO, sizing_strategy: cost, tags: [a], skip_validation: true}',
  'target: kvm1\nwave: canary\npriority: -5\ndepends_on: [db01]\non_remove: destroy',
  'cutover: {source_action: shutdown, at: 2026-05-01T22:00:00+02:00, require_approval: true}',
  'cutover: {verify: {timeout_seconds: 60, agent: true, tcp: "[2001:db8::5]:22", expect: "login:"}, on_failure: keep, shutdown_seconds: 0}',
  'suspend: {until: 2026-05-01, why: freeze}',
  'suspend: {until: 2026-05-01T00:00:00Z}',
  'disks: [{id: a, source_format: raw, bytes: 1, local_path: a, pool: vms}]',
])('reads %s', (text) => {
  expect(read(text)).toEqual(yaml(head + text))
})

describe('refuses', () => {
  it.each([
    [
      'a stage that does not say whether it is on',
      'pipeline: {fix: {backup: true}}',
      '3:12 KEY_MISSING pipeline.fix.enabled is missing',
    ],
    [
      'another mode',
      'pipeline: {fix: {enabled: true, fstab_mode: all}}',
      '3:33 VALUE_INVALID pipeline.fix.fstab_mode: must be "stabilize-all", "bypath-only" or "noop"',
    ],
    ['too much talk', 'options: {verbose: 4}', '3:11 VALUE_INVALID options.verbose: must be at most 3'],
    [
      'a path for a profile',
      'profile: ../../etc/passwd',
      '3:1 VALUE_INVALID profile: must be the name of a profile: letters, digits, . _ and -',
    ],
    [
      'a misspelt override',
      'profile_overrides: {pipeline: {convert: {compress_levle: 9}}}',
      '3:42 KEY_UNKNOWN unknown key "compress_levle"',
    ],
    [
      'a profile in the overrides of one',
      'profile_overrides: {profile: fast}',
      '3:21 KEY_UNKNOWN unknown key "profile"',
    ],
    [
      'a limit of nothing',
      'network_limits: {average_kib: 0}',
      '3:18 VALUE_INVALID network_limits.average_kib: must be at least 1',
    ],
    [
      'a limit without an average',
      'network_limits: {peak_kib: 1}',
      '3:1 VALUE_INVALID network_limits.average_kib: average_kib is missing: a peak or a burst is above an average',
    ],
    [
      'a time without its zone',
      'cutover: {at: 2026-05-01T22:00:00}',
      '3:11 VALUE_INVALID cutover.at: must be a time with its zone, such as 2026-05-01T22:00:00Z',
    ],
    [
      'a word for a time',
      'suspend: {until: later}',
      '3:11 VALUE_INVALID suspend.until: must be a date or a time with its zone',
    ],
    [
      'another action',
      'cutover: {source_action: delete}',
      '3:11 VALUE_INVALID cutover.source_action: must be "none", "power_off", "shutdown", "tag" or "rename"',
    ],
    ['one name for a list', 'depends_on: db01', '3:1 VALUE_INVALID depends_on: must be a list'],
    ['a key that nobody knows', 'libvirt_integration: {auto_strat: true}', '3:23 KEY_UNKNOWN unknown key "auto_strat"'],
  ])('%s', (_name, text, expected) => {
    expect(problemsIn(text)).toEqual([expected])
  })
})

it.each([
  ['manifest_version: "1.0"', 'manifest'],
  ['batch_version: "1.0"\nvms: []', 'batch'],
  ['version: 1\nmigrations: []', 'vmware2scw'],
  ['manifest_version: "1.0"\nmigrations: []', 'manifest'],
  ['vm: {}', 'manifest'],
  ['vms: []', 'batch'],
  ['batch_metadata: {}', 'batch'],
  ['version: "1.0"\nbatch: true\nvms: []', 'batch'],
])('%s is a %s', (text, kind) => {
  expect(fileKind(yaml(text))).toBe(kind)
})

it.each([
  ['version: "1.0"\npipeline: {load: {}}', 'manifest_version is missing: a file with version is of an earlier format'],
  ['version: "1.0"\nvms: []', 'batch_version is missing: a file with version is of an earlier format'],
  ['version: 1\nmigrations: []', undefined],
  ['version: "1.0"\nmanifest_version: "1.0"', undefined],
  ['vms: []', undefined],
])('%s is told apart as a whole', (text, summary) => {
  const issue = earlierFormat(yaml(text))
  if (summary === undefined) expect(issue).toBeUndefined()
  else expect(issue).toMatchObject({ path: ['version'], summary: expect.stringContaining(summary) })
})

it('what is no map counts as a manifest, for its schema to refuse', () => {
  expect([fileKind(null), fileKind([]), fileKind('batch_version')]).toEqual(['manifest', 'manifest', 'manifest'])
})
