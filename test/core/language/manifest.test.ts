import { describe, expect, it } from 'vitest'
import { manifestSchema } from '../../../src/core/language/manifest.ts'
import { readAs } from '../../../src/core/language/read-as.ts'
import { refusal } from '../../support/refusal.ts'

const head = 'manifest_version: "1.0"\nsource: {provider: local}\n'
const read = (text: string, file = 'web.yaml') => readAs(manifestSchema, new TextEncoder().encode(text), file)
const problemsIn = (text: string, file?: string) =>
  refusal(() => read(text, file)).map(({ at, code, summary, hint }) => {
    return `${at?.line}:${at?.column} ${code} ${summary}${hint === undefined ? '' : ` -> ${hint}`}`
  })

it('reads every key that it knows', () => {
  const manifest = read(`
$schema: ../schemas/manifest.json
manifest_version: "1.0"
source: {provider: ova, path: web.ova, vm_name: web01, vm_id: vm-42, datacenter: lab, anything: [1, 2]}
vm: {cpu: 2, mem_gb: 0.5, firmware: uefi, secureboot: true, tpm: true, machine_type: q35, cpu_mode: host-model, os_hint: debian, os_version: "12"}
disks:
  - {id: boot, source_format: vmdk, bytes: 1073741824, local_path: a.vmdk, checksum: null, boot_order_hint: 0, label: root, disk_type: boot, bus: scsi, format: raw, target_path: x.raw}
nics:
  - {id: nic0, mac: 00-50-56-AA-BB-01, network: VM Network, model: e1000e, ip: 10.0.0.1, vlan: 4094}
notes: [text, {any: thing}]
warnings: [{stage: export, message: slow, extra: 1}]
metadata: {tags: [a], deep: {er: true}}
network_mapping:
  source_networks: {VM Network: br0, DMZ: {network: dmz, model: e1000e}, OVS: {bridge: ovs0, bridge_type: openvswitch, vlan: 3}}
  mac_address_policy: custom
  mac_address_overrides: {00-50-56-aa-bb-01: "52:54:00:AA:bb:01"}
  default_bridge: br1
  on_unmapped: keep
pipeline:
  convert: {enabled: true, compress: true, compression: zstd, compress_level: 9, preallocation: full}
  validate: {enabled: true, check_image_integrity: false, compare_source: true}
output: {directory: out, format: vdi, filename: web.vdi}
target: kvm1
x-mine: {anything: [goes]}
`)
  expect(manifest).toMatchObject({ vm: { mem_gb: 0.5 }, target: 'kvm1', source: { anything: [1, 2] } })
  expect(manifest).not.toHaveProperty('x-mine')
})

it('tells all problems of a file at once, in the order of its lines', () => {
  const text = `manifest_version: 1.0
source: {provider: vsfere}
vm:
  cpus: 2
  mem_gb: 4GB
  tpm: yes
disks:
  - id: boot disk
    bytes: 0777
    source_format: vmdk
nics:
  - {id: nic0, mac: "005056aabb01", vlan: 5000}
outputs: {}
`
  expect(problemsIn(text)).toEqual([
    '1:1 VALUE_INVALID manifest_version: must be "1.0" -> write it in quotes: "1.0"',
    expect.stringMatching(/^2:10 VALUE_INVALID source\.provider: must be "local", .* -> did you mean "vsphere"\?$/),
    '4:3 KEY_UNKNOWN unknown key "cpus" -> did you mean "cpu"?',
    '5:3 VALUE_INVALID vm.mem_gb: must be a number -> write digits, without quotes',
    '6:3 VALUE_INVALID vm.tpm: must be true or false -> YAML 1.2 has only true and false, without quotes',
    '8:5 VALUE_INVALID disks[0].id: must be letters, digits, _ and - only',
    '8:5 KEY_MISSING disks[0].local_path is missing',
    '9:5 VALUE_INVALID disks[0].bytes: must be a number -> write it without leading zeros',
    '12:16 VALUE_INVALID nics[0].mac: must be a MAC address, such as 00:50:56:aa:bb:01',
    '12:37 VALUE_INVALID nics[0].vlan: must be at most 4094',
    '13:1 KEY_UNKNOWN unknown key "outputs" -> did you mean "output"?',
  ])
})

it('places the same in JSON', () => {
  const text = `{
  "manifest_version": "1.0",
  "source": {"provider": "local"},
  "vm": {
    "cpu": "2", "memgb": 4
  },
  "disks": [{"id": "a"},
    {"id": "b", "source_format": "vhd", "bytes": 1e300, "local_path": "b"}]
}`
  expect(problemsIn(text, 'web.json')).toEqual([
    '5:5 VALUE_INVALID vm.cpu: must be a number -> write digits, without quotes',
    '5:17 KEY_UNKNOWN unknown key "memgb" -> did you mean "mem_gb"?',
    '7:13 KEY_MISSING disks[0].source_format is missing',
    '7:13 KEY_MISSING disks[0].bytes is missing',
    '7:13 KEY_MISSING disks[0].local_path is missing',
    '8:41 VALUE_INVALID disks[1].bytes: must be at most 9007199254740991',
  ])
})

describe('values that look right and are not', () => {
  it.each([
    ['no for false', 'vm: {secureboot: no}', '3:6 VALUE_INVALID vm.secureboot: must be true or false -> YAML 1.2'],
    ['a word in quotes', 'vm: {tpm: "true"}', '3:6 VALUE_INVALID vm.tpm: must be true or false'],
    ['octal', 'vm: {cpu: 0777}', '3:6 VALUE_INVALID vm.cpu: must be a number -> write it without leading zeros'],
    ['a huge integer', 'vm: {cpu: 99999999999999999999}', '3:6 VALUE_INVALID vm.cpu: must be at most 4096'],
    ['half a CPU', 'vm: {cpu: 0.5}', '3:6 VALUE_INVALID vm.cpu: must be a whole number'],
    ['no CPU', 'vm: {cpu: 0}', '3:6 VALUE_INVALID vm.cpu: must be at least 1'],
    ['infinity', 'vm: {mem_gb: .inf}', '3:6 VALUE_INVALID vm.mem_gb: must be a number'],
    ['not a number', 'vm: {mem_gb: .nan}', '3:6 VALUE_INVALID vm.mem_gb: must be a number'],
    ['nothing', 'vm:', '3:1 VALUE_INVALID vm is empty, and must be a map'],
    ['a map for a list', 'disks: {id: a}', '3:1 VALUE_INVALID disks: must be a list'],
    ['a number for text', 'target: 1', '3:1 VALUE_INVALID target: must be text -> write it in quotes: "1"'],
    ['empty text', 'target: ""', '3:1 VALUE_INVALID target: must not be empty'],
    [
      'a version without quotes',
      'vm: {os_version: 12}',
      '3:6 VALUE_INVALID vm.os_version: must be text -> write it in quotes: "12"',
    ],
    [
      'a near miss',
      'vm: {firmware: efi}',
      '3:6 VALUE_INVALID vm.firmware: must be "bios", "uefi" or "unknown" -> did you mean "uefi"?',
    ],
    ['no map at all', undefined, '1:1 VALUE_INVALID the file: must be a map'],
  ])('%s', (_name, line, problem) => {
    expect(problemsIn(line === undefined ? '[]' : `${head}${line}\n`)).toEqual([expect.stringContaining(problem)])
  })

  it('an empty file', () => {
    expect(problemsIn('# later\n')).toEqual(['1:1 VALUE_INVALID the file is empty, and must be a map'])
  })

  it.each([
    ['00:50:56:aa:bb:01', true],
    ['00-50-56-AA-BB-01', true],
    ['00:50-56:aa:bb:01', false],
    ['00:50:56:aa:bb', false],
    ['00:50:56:aa:bb:0g', false],
    ['00:50:56:aa:bb:01\n', false],
  ])('MAC %j: %s', (mac, good) => {
    const text = `${head}nics: [{id: a, mac: ${JSON.stringify(mac)}}]\n`
    if (good) expect(read(text).nics).toHaveLength(1)
    else expect(problemsIn(text)).toHaveLength(1)
  })

  it.each([
    ['br0', true],
    ['br-dmz.110', true],
    ['VM Network', false],
    ['a-name-with-16-ch', false],
    ['..', false],
    ['../br0', false],
    ['br0;reboot', false],
    ['', false],
  ])('bridge %j: %s', (bridge, good) => {
    for (const mapping of [
      `{source_networks: {a: ${JSON.stringify(bridge)}}}`,
      `{source_networks: {a: {bridge: ${JSON.stringify(bridge)}}}}`,
      `{default_bridge: ${JSON.stringify(bridge)}}`,
    ]) {
      const text = `${head}network_mapping: ${mapping}\n`
      if (good) expect(read(text)).toHaveProperty('network_mapping')
      else expect(problemsIn(text), mapping).toEqual([expect.stringMatching(/^3:\d+ VALUE_INVALID/)])
    }
  })
})

describe('network_mapping', () => {
  it.each([
    [
      'an unknown key of an entry',
      '{source_networks: {a: {brige: br0}}}',
      ['KEY_UNKNOWN unknown key "brige" -> did you mean "bridge"?'],
    ],
    [
      'neither bridge nor network',
      '{source_networks: {a: {vlan: 3}}}',
      ['VALUE_INVALID network_mapping.source_networks.a: needs either bridge or network'],
    ],
    [
      'both',
      '{source_networks: {a: {bridge: b, network: n}}}',
      ['VALUE_INVALID network_mapping.source_networks.a: needs either bridge or network'],
    ],
    [
      'a type of bridge without one',
      '{source_networks: {a: {network: n, bridge_type: linux}}}',
      ['VALUE_INVALID network_mapping.source_networks.a: bridge_type is for a bridge'],
    ],
    [
      'a number',
      '{source_networks: {a: 5}}',
      ['VALUE_INVALID network_mapping.source_networks.a: must be text or a map'],
    ],
    [
      'nothing',
      '{source_networks: {a: }}',
      ['VALUE_INVALID network_mapping.source_networks.a is empty, and must be text or a map'],
    ],
    [
      'an override that is no MAC',
      '{mac_address_overrides: {eth0: "52:54:00:00:00:01"}}',
      ['VALUE_INVALID network_mapping.mac_address_overrides.eth0: this key must be a MAC address'],
    ],
    [
      'an override by no MAC',
      '{mac_address_overrides: {"52:54:00:00:00:01": eth0}}',
      ['VALUE_INVALID network_mapping.mac_address_overrides.52:54:00:00:00:01: must be a MAC address'],
    ],
    [
      'default without a default',
      '{on_unmapped: default}',
      ['VALUE_INVALID network_mapping.on_unmapped: default needs a default_bridge'],
    ],
    [
      'a VPC',
      '{source_networks: {a: {vpc: prod}}}',
      ['NOT_BUILT network_mapping.source_networks.a.vpc: this version has no Scaleway target yet'],
    ],
  ])('%s', (_name, mapping, problems) => {
    const found = problemsIn(`${head}network_mapping: ${mapping}\n`)
    expect(found).toEqual(problems.map((problem) => expect.stringContaining(problem)))
  })

  it('takes networks with any name', () => {
    const text = `${head}network_mapping: {source_networks: {constructor: br0, "VM Network (1)": br1, "": br2, toString: br3}}\n`
    expect(Object.keys(read(text).network_mapping?.source_networks ?? {})).toEqual([
      'constructor',
      'VM Network (1)',
      '',
      'toString',
    ])
  })
})

describe('keys of every object', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])('%s is an unknown key and nothing else', (key) => {
    expect(problemsIn(`${head}${key}: 1\nvm: {${key}: 1}\n`)).toEqual([
      expect.stringMatching(/^3:1 KEY_UNKNOWN/),
      expect.stringMatching(/^4:6 KEY_UNKNOWN/),
    ])
  })
})

it('allows keys of the user at the top, and only there', () => {
  expect(read(`x-note: 1\n${head}`)).not.toHaveProperty('x-note')
  expect(problemsIn(`${head}vm: {x-note: 1}\n`)).toEqual([
    expect.stringContaining('3:6 KEY_UNKNOWN unknown key "x-note"'),
  ])
})

it('names a wrong value of an alias where it is written', () => {
  expect(problemsIn(`x-nic: &nic\n  id: nic0\n  vlan: 9999\n${head}nics: [*nic]\n`)).toEqual([
    '3:3 VALUE_INVALID nics[0].vlan: must be at most 4094',
  ])
})

it('stops telling after a hundred problems, and says so', () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `wrong${index}: 1\n`).join('')
  const found = problemsIn(`${head}${keys}`)
  expect(found).toHaveLength(101)
  expect(found).toContainEqual(expect.stringContaining('4900 more of its values are wrong'))
})

it('keeps keys and names harmless to print', () => {
  const [line] = problemsIn(`${head}"\\e[31m\\u202e${'long'.repeat(50)}": 1\n`)
  expect(line).toMatch(/^3:1 KEY_UNKNOWN unknown key "\\u\{1b\}\[31m\\u\{202e\}longlong[a-z]+…"/)
  expect(line?.length).toBeLessThan(500)
})

it('tells of a map as a whole only when its members are right', () => {
  const text = (entry: string) => `${head}network_mapping: {source_networks: {a: ${entry}}}\n`
  expect(problemsIn(text('{vlan: 3, bridge_type: linux}'))).toHaveLength(1)
  expect(problemsIn(text('{vlan: 3, bridge_type: linus}'))).toEqual([expect.stringContaining('bridge_type: must be')])
})
