import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

// Manifests as exporters write them for other tools, in words of our own.
const disk = { id: 'boot', source_format: 'vmdk', bytes: 4194304, local_path: '../disk.vmdk' }
const machine = (name: string, rest: object = {}) => ({
  manifest_version: '1.0',
  source: { provider: 'vsphere', vm_name: name },
  vm: { cpu: 2, mem_gb: 4 },
  disks: [disk],
  ...rest,
})
const asJson = (content: object) => JSON.stringify(content, null, 2)

const exported = machine('shop', {
  $schema: 'https://example.org/manifest.json',
  source: {
    provider: 'vsphere',
    vm_id: 'vm-77',
    vm_name: 'shop',
    datacenter: 'DC1',
    export_timestamp: '2026-01-21T18:30:00Z',
    export_method: 'ovf',
    exporter_version: '0.3',
  },
  vm: { cpu: 4, mem_gb: 16, firmware: 'uefi', secureboot: false, os_hint: 'linux', os_version: 'Ubuntu 22.04 LTS' },
  disks: [{ ...disk, checksum: null, boot_order_hint: 0, label: 'OS', disk_type: 'boot' }],
  nics: [{ id: 'eth0', mac: '00-50-56-AB-CD-EF', network: 'VM Network' }],
  notes: ['powered off', { by: 'ops' }],
  warnings: [{ stage: 'export', message: 'CBT was off', timestamp: '2026-01-21T18:30:00Z' }],
  metadata: { exporter: '0.1', tags: { environment: 'production' } },
  network_mapping: { source_networks: { 'VM Network': 'br0' } },
  pipeline: {
    inspect: { enabled: true, collect_guest_info: true },
    fix: { enabled: true, backup: true, print_fstab: false, update_grub: true, regen_initramfs: true },
    convert: { enabled: true, compress: true, compress_level: 6 },
    validate: { enabled: true, check_image_integrity: true },
  },
  configuration: {
    users: { create: [{ name: 'ops', uid: 1001, password: '$6$rounds=656000$salt$hash', groups: ['wheel'] }] },
    services: { enable: ['sshd'], disable: ['open-vm-tools'] },
    hostname: { hostname: 'web01', domain: 'example.org', hosts: [{ ip: '10.0.0.9', hostname: 'db.example.org db' }] },
    network: { systemd_networkd: [{ filename: '10-eth0.network', content: '[Match]\nName=eth0\n' }] },
  },
  output: { format: 'qcow2' },
  options: { dry_run: false, verbose: 2, report: { enabled: true, path: 'report.json' } },
})

const hooked = machine('hooked', {
  pipeline: { convert: { enabled: true }, validate: { enabled: true } },
  hooks: {
    pre_extraction: [{ type: 'script', path: 'note.sh', args: ['{{ vm_name }}'], env: { STAGE: '{{ stage }}' } }],
    pre_fix: [
      {
        type: 'script',
        path: 'note.sh',
        args: ['{{ source_path }}'],
        timeout: 600,
        continue_on_error: false,
        retry: { max_retries: 3, initial_delay: 1.0, strategy: 'exponential', max_delay: 60.0, retry_on_timeout: true },
      },
    ],
    post_convert: [
      { type: 'python', module: 'sizes', function: 'check', args: { disk: '{{ output_path }}' }, pythonpath: '.' },
      {
        type: 'http',
        url: 'https://chat.example/hook',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: { vm: '{{ vm_name }}', at: '{{ timestamp_iso }}' },
      },
    ],
    post_validate: [{ type: 'script', path: 'note.sh' }],
  },
})

const house = `description: "house"
extends: "production"
pipeline:
  fix: {enabled: true, backup: true, remove_vmware_tools: true, fstab_mode: "stabilize-all"}
  convert: {enabled: true, compress: true, compress_level: 8}
  validate: {enabled: true, check_image_integrity: true}
network_mapping:
  source_networks: {"VM Network": br-house, "DMZ Network": br-dmz}
  mac_address_policy: "preserve"
  default_bridge: br-house
options: {report: {enabled: true, path: house.json}}
`

const batch = {
  batch_version: '1.0',
  batch_metadata: { batch_id: 'first', parallel_limit: 4, continue_on_error: true, created_by: 'ops' },
  vms: [
    { id: 'web', manifest: '../vms/web.json', priority: 0, enabled: true, overrides: { profile: 'production' } },
    { id: 'db', manifest: '../vms/db.json', priority: 1, overrides: { profile: 'house', output: { format: 'qcow2' } } },
    { manifest: '../vms/old.json', enabled: false },
  ],
  shared_config: { output_directory: '../converted', pipeline: { validate: { enabled: true } } },
}

it('what other tools write for it loads as it stands', async () => {
  const folder = localWorkspace({
    'manifests/shop.json': asJson(exported),
    'manifests/hooked.json': asJson(hooked),
    'manifests/note.sh': '#!/bin/sh\n',
    'manifests/sizes.py': 'def check(disk):\n    return True\n',
    'manifests/overridden.json': asJson(
      machine('overridden', {
        profile: 'production',
        profile_overrides: { pipeline: { convert: { compress_level: 9 } } },
      }),
    ),
    'manifests/vmware.json': asJson(machine('photon', { source: { provider: 'vmware', vm_name: 'photon' } })),
    'manifests/mapped.yaml': `${asJson(machine('mapped')).slice(0, -2)},
  network_mapping: {$ref: ../mappings/network.yaml}, storage_mapping: {$ref: ../mappings/storage.yaml}}\n`,
    'mappings/network.yaml':
      'network_mapping:\n  source_networks: {"VM Network": br0}\n  mac_address_policy: preserve\n',
    'mappings/storage.yaml': `storage_mapping:\n  disk_mappings: {boot: ../placed}\n  format_override: qcow2\n`,
    'profiles/house.yaml': house,
    'batches/first.json': asJson(batch),
    'vms/web.json': asJson(machine('web')),
    'vms/db.json': asJson(machine('db', { nics: [{ id: 'nic0', network: 'DMZ Network' }] })),
    'vms/old.json': asJson(machine('old')),
  })
  chmodSync(join(folder, 'manifests/note.sh'), 0o755)
  const checked = await h2k(folder, ['validate'])
  expect(checked.stderr.split('\n').filter((line) => line.includes(' error '))).toEqual([])
  expect(checked.stdout).toMatch(/is valid: 7 machines/)
  const planned = await h2k(folder, ['plan'])
  expect(planned.exitCode, planned.stdout + planned.stderr).toBe(0)
  expect(planned.stdout).toContain('Plan: 7 to create')
  expect(planned.stdout).toContain('"DMZ Network" -> bridge br-dmz')
})

describe('what no key of can be read is refused with the reason', () => {
  it.each([
    [
      'a manifest before this format',
      { version: '1.0', pipeline: { load: { source_type: 'vmdk' }, fix: { fstab: { enabled: true } } } },
      [/:2:3 error KEY_MISSING: manifest_version is missing: a file with version is of an earlier format/],
    ],
    [
      'a batch before this format',
      { version: '1.0', batch: true, vms: [{ name: 'web' }] },
      [/:2:3 error KEY_MISSING: batch_version is missing: a file with version is of an earlier format/],
    ],
    [
      'a batch without its version',
      { vms: [{ manifest: 'a.json' }] },
      [/:1:1 error KEY_MISSING: batch_version is missing/],
    ],
    [
      'a later version',
      machine('a', { manifest_version: '2.0' }),
      [/error VALUE_INVALID: manifest_version: must be "1\.0"/],
    ],
    [
      'a source by another word',
      { ...machine('a'), source: { type: 'libvirt-xml', xml_path: '/a.xml' } },
      [/error KEY_MISSING: source\.provider is missing/],
    ],
    [
      'keys that have another place here',
      machine('a', { output: { vm_name: 'b' }, libvirt_integration: { enabled: true, autostart_on_boot: true } }),
      [/error KEY_UNKNOWN: unknown key "vm_name"/, /error KEY_UNKNOWN: unknown key "autostart_on_boot"/],
    ],
    [
      'a name that a template does not know',
      machine('a', { hooks: { pre_convert: [{ type: 'script', path: 'a.sh', args: ['{{ output_format }}'] }] } }),
      [/error TEMPLATE_INVALID: .*unknown name "output_format"/],
    ],
  ])('%s', async (_name, content, expected) => {
    const folder = localWorkspace({ 'manifests/a.json': asJson(content) })
    const { exitCode, stderr } = await h2k(folder, ['validate'])
    expect(exitCode).toBe(1)
    const errors = stderr.split('\n').filter((line) => line.includes(' error '))
    expect(errors).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
  })

  it('JSON with a comment', async () => {
    const folder = localWorkspace({ 'manifests/a.json': `# exported by hand\n${asJson(machine('a'))}` })
    expect((await h2k(folder, ['validate'])).stderr).toMatch(/a\.json:1:1 error SYNTAX: JSON has no comments/)
  })
})
