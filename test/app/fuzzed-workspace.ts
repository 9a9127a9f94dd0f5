import { bareMachine } from './workspace-on-disk.ts'

/** A workspace with a file of each kind, all of them right. */
export const everyKind: Readonly<Record<string, string>> = {
  'h2k.yaml': `h2k_version: 1
name: exit
connections: {out: {type: files, domain_type: qemu}}
defaults: {target: out, profile: ours, network_mapping: {$ref: mappings/network.yaml}}
concurrency: {disk_io: 3}
profiles_directory: profiles
`,
  'batches/first.yaml': `batch_version: "1.0"
batch_metadata: {batch_id: first, parallel_limit: 2, continue_on_error: false}
vms:
  - {manifest: ../manifests/web01.yaml, priority: 1, overrides: {vm: {cpu: 4}, output: null}}
  - {id: old, enabled: false, manifest: ../manifests/old01.json}
  - id: here
    machine: {manifest_version: "1.0", source: {provider: ova, path: ../here.ova}, profile: fast}
shared_config:
  output_directory: ../converted
  pipeline: {convert: {enabled: true, compress: true}}
`,
  'profiles/ours.yaml': `extends: production
description: ours
pipeline: {convert: {compression: zstd, compress_level: null}}
hooks: {pre_convert: [{type: script, path: a.sh, args: ["{{ machine }}"], when: os contains "deb"}]}
when:
  - os: [windows, debian]
    pipeline: {convert: {compress: false}}
`,
  'mappings/network.yaml': `source_networks:
  VM Network: br0
  DMZ: {network: dmz, model: e1000e}
  Backup: {bridge: ovs0, vlan: 110}
mac_address_policy: custom
mac_address_overrides: {"00:50:56:aa:bb:01": "52:54:00:aa:bb:01"}
default_bridge: br9
on_unmapped: default
`,
  'manifests/web01.yaml': bareMachine(
    'nics: [{id: nic0, mac: "00:50:56:aa:bb:01", network: DMZ}]\nprofile_overrides: {vm: {tpm: true}}\n',
  ),
  'manifests/old01.json': JSON.stringify(
    {
      manifest_version: '1.0',
      source: { provider: 'ova', path: 'old.ova' },
      pipeline: { validate: { enabled: true } },
    },
    null,
    2,
  ),
  'manifests/plan.yaml': `version: 1
metadata: {name: dc}
defaults: {zone: fr-par-1, tags: [exit], network_mapping: {VM Network: private}}
migrations:
  - {vm_pattern: "web-*", priority: 1, wave: first}
  - {vm_regex: "^db-(a|b)+$", target_type: POP2-4C-16G}
  - {vm_folder: /prod/, tags: [prod], network_mapping: {DMZ: dmz}}
exclude: [{vm_name: web-old}]
waves: [{name: first, vms: ["web-*"], pause_after: pause, max_parallel: 2}]
post_migration: {tag_source: moved, power_off_source: false}
`,
}
