import { describe, expect, it } from 'vitest'
import type { WorkspaceConfig } from '../../src/core/language/workspace.ts'
import { machineName } from '../../src/core/resolve-machine.ts'
import { config, described, local, machineOf, manifest, ova, resolve } from './machines.ts'

const source = 'source: {provider: local}\n'

describe('the name of a machine', () => {
  it.each([
    ['of its source', 'source: {provider: local, vm_name: Web 01}', 'manifests/a.yaml', 'Web 01'],
    ['of its file', source, 'manifests/web01.yaml', 'web01'],
    ['of its file, dots and all', source, 'manifests/web01.example.org.json', 'web01.example.org'],
    ['of its folder', source, 'manifests/web01/manifest.yaml', 'web01'],
    ['of a file at the root', source, 'manifest.yaml', 'manifest'],
    ['of a file that is all ending', source, 'manifests/.yaml', '.yaml'],
    ['literally', 'source: {provider: local, vm_name: "../../$(reboot)\\n"}', 'a.yaml', '../../$(reboot)\n'],
  ])('%s', (_name, text, file, name) => {
    expect(machineName(manifest(text).source.vm_name, file)).toBe(name)
  })
})

describe('where a machine comes from', () => {
  it.each([
    ['an OVA', 'source: {provider: ova, path: ../images/web.ova}', { provider: 'ova', path: '/ws/images/web.ova' }],
    ['an OVF', 'source: {provider: ovf, path: /mnt/web.ovf}', { provider: 'ovf', path: '/mnt/web.ovf' }],
    ['its disks', source, { provider: 'local' }],
    ['disks that came out of vSphere', 'source: {provider: vsphere, datacenter: lab}', { provider: 'local' }],
    ['disks that came out of an OVA', 'source: {provider: ova}', { provider: 'local' }],
  ])('%s', (_name, text, expected) => {
    const disks = 'vm: {cpu: 1, mem_gb: 1}\ndisks: [{id: a, source_format: vmdk, bytes: 1, local_path: a.vmdk}]\n'
    const inside = described.disks.map((disk) => ({ ...disk, file: 'a.vmdk' }))
    const given = expected.provider === 'local' ? undefined : { ...described, disks: inside, nics: [] }
    expect(machineOf(`${text}\n${disks}`, given).source).toEqual(expected)
  })

  it.each([
    ['no path of an OVA', 'source: {provider: ova}', 'KEY_MISSING source: source.path is missing: which ova is it?'],
    ['no disks', source, 'KEY_MISSING source: disks is missing: a local source cannot list them'],
    [
      'no disks in the list',
      `${source}disks: []`,
      'KEY_MISSING source: disks is missing: a local source cannot list them',
    ],
    [
      'a connection to files',
      'source: {provider: local, connection: lab}',
      'VALUE_INVALID source.connection: source.connection has no effect: local is read from files',
    ],
    [
      'vSphere',
      'source: {provider: vsphere, connection: lab, vm_name: a}',
      'NOT_BUILT source.connection: this version cannot read from vsphere',
    ],
    ['Azure', 'source: {provider: azure}', 'NOT_BUILT source.provider: this version cannot read from azure'],
  ])('refuses %s', (_name, text, issue) => {
    expect(resolve(text).issues).toEqual([issue])
  })
})

describe('the domain that a machine comes from', () => {
  const connections = {
    kvm1: { type: 'libvirt' as const, uri: 'qemu:///system' },
    old: { type: 'libvirt' as const, uri: 'qemu+unix:///system' },
    far: { type: 'libvirt' as const, uri: 'qemu+ssh://root@old/system' },
    out: { type: 'files' as const },
  }
  const uuid = '3a1f0e52-0c1d-4c3e-9d51-2b8f4d1c0a11'
  const from = (keys: string, rest = '', disk = '') =>
    resolve(
      `source: {provider: libvirt, vm_name: web, ${keys}}\nvm: {cpu: 1, mem_gb: 1}\ntarget: kvm1\ndisks: [{id: a, source_format: raw, bytes: 1, local_path: a.raw${disk}}]\n${rest}`,
      undefined,
      { ...config, connections },
    )

  it('is found by its UUID where git has one, else by its name', () => {
    const far = { connection: 'far', uri: 'qemu+ssh://root@old/system', name: 'web', action: 'none' }
    expect(from('connection: far').machine?.sourceDomain).toEqual(far)
    expect(from('connection: far, vm_id: vm-17').machine?.sourceDomain).toEqual(far)
    expect(from(`connection: far, vm_id: ${uuid.toUpperCase()}`).machine?.sourceDomain).toEqual({ ...far, uuid })
    const acts = from('connection: far', 'cutover: {source_action: power_off}\n')
    expect(acts.machine?.sourceDomain).toEqual({ ...far, action: 'power_off' })
    expect(acts.machine?.source).toEqual({ provider: 'local' })
    expect(from('vm_id: a').machine?.sourceDomain).toBeUndefined()
  })

  it.each([
    ['a connection that is none', 'connection: no', '', 'CONNECTION_UNKNOWN source.connection'],
    ['a connection to files', 'connection: out', '', 'CONNECTION_UNKNOWN source.connection'],
    ['what would be its own target', 'connection: old', '', 'VALUE_INVALID source.connection: the domain web of'],
    ['files', 'vm_id: a', 'cutover: {source_action: shutdown}', 'VALUE_INVALID cutover.source_action'],
    ['files that nothing marks', '', 'cutover: {source_action: tag}', 'VALUE_INVALID cutover.source_action'],
  ])('refuses %s', (_name, keys, rest, issue) => {
    expect(from(keys, rest).issues).toEqual([expect.stringContaining(issue)])
  })

  it('refuses a checksum of what goes on being written', () => {
    const { issues } = from(
      'connection: far',
      'cutover: {source_action: shutdown}',
      `, checksum: "sha256:${'a'.repeat(64)}"`,
    )
    expect(issues).toEqual([expect.stringContaining('VALUE_INVALID disks.0.checksum')])
  })
})

describe('where a machine goes', () => {
  it.each([
    ['a folder of its name', '', { connection: 'files', domainType: 'kvm', directory: '/ws/output/web01' }],
    ['its own folder', 'output: {directory: out}', { directory: '/ws/manifests/out' }],
    ['an absolute one', 'output: {directory: /srv/vms}', { directory: '/srv/vms' }],
    ['a connection', 'target: kvm1', { connection: 'kvm1', domainType: 'qemu', directory: '/ws/output/web01' }],
  ])('%s', (_name, text, expected) => {
    expect(machineOf(`${local}${text}`).target).toMatchObject({ kind: 'files', ...expected })
  })

  it('the workspace’s default target', () => {
    expect(machineOf(local, undefined, { ...config, defaults: { target: 'kvm1' } }).target.connection).toBe('kvm1')
  })

  it.each([
    ['..', '/ws/output/%2e.'],
    ['../../etc', '/ws/output/%2e.%2F..%2Fetc'],
    ['-o', '/ws/output/%2do'],
  ])('a folder inside output/ for the name %s', (name, directory) => {
    expect(machineOf(local.replace('vm_name: web01', `vm_name: "${name}"`)).target.directory).toBe(directory)
  })

  it.each(['kvm9', 'constructor', '__proto__'])('refuses the connection %s', (target) => {
    expect(resolve(`${local}target: ${target}`).issues).toEqual([
      `CONNECTION_UNKNOWN target: target "${target}" is no connection of the workspace`,
    ])
  })
})

it('takes from the source what git leaves out', () => {
  expect(machineOf(ova, described)).toEqual({
    name: 'web',
    file: 'manifests/web.yaml',
    source: { provider: 'ova', path: '/ws/manifests/web.ova' },
    hardware: {
      cpus: 2,
      memoryMib: 2048,
      firmware: 'bios',
      secureBoot: false,
      tpm: false,
      machineType: 'q35',
      cpuMode: 'host-passthrough',
      os: 'debian12_64Guest',
    },
    disks: [
      {
        id: 'disk1',
        label: 'Hard disk 1',
        virtualBytes: 1 << 30,
        from: { path: 'web-disk1.vmdk', format: 'vmdk' },
        bus: 'virtio',
        to: { path: '/ws/output/web/disk1.qcow2', format: 'qcow2' },
        place: { kind: 'output' },
        driver: { discard: 'unmap' },
        bootOrder: 1,
      },
      {
        id: 'disk2',
        virtualBytes: 1 << 20,
        from: { path: 'web-disk2.vmdk', format: 'vmdk' },
        bus: 'virtio',
        to: { path: '/ws/output/web/disk2.qcow2', format: 'qcow2' },
        place: { kind: 'output' },
        driver: { discard: 'unmap' },
        bootOrder: 2,
      },
    ],
    nics: [
      {
        id: 'nic0',
        mac: '00:50:56:aa:bb:01',
        attach: { kind: 'bridge', name: 'br0' },
        model: 'virtio',
        sourceNetwork: 'VM Network',
      },
    ],
    conversion: { preallocation: 'off' },
    hooks: {},
    dependsOn: [],
    steering: { dryRun: false, verbose: 0, onRemove: 'forget' },
    notApplied: [],
    priority: 0,
    target: { kind: 'files', connection: 'files', domainType: 'kvm', directory: '/ws/output/web' },
  })
})

it.each([
  ['scw', 'NOT_BUILT target: target "scw": this version has no Scaleway target yet'],
  ['lab', 'VALUE_INVALID target: target "lab" is a vSphere: machines come from there and do not go there'],
])('a machine cannot go to %s, and others can', (target, issue) => {
  const workspace: WorkspaceConfig = {
    ...config,
    connections: {
      scw: { type: 'scaleway', access_key_env: 'A', secret_key_env: 'S' },
      lab: { type: 'vsphere', url: 'https://lab/sdk', username: 'a', password_env: 'P' },
    },
  }
  expect(resolve(`${local}target: ${target}\n`, undefined, workspace).issues).toEqual([issue])
  expect(resolve(local, undefined, workspace).issues).toBeUndefined()
})

it('tells everything that is wrong at once', () => {
  const text = `source: {provider: local}
vm: {secureboot: true}
disks:
  - {id: a, source_format: raw, bytes: 1, local_path: a}
  - {id: a, source_format: raw, bytes: 1, local_path: b, bus: ide}
nics: [{id: nic0, network: DMZ}]
pipeline: {convert: {enabled: true, compress: true, compress_level: 9}}
output: {filename: a/b, format: raw}
target: nowhere
`
  expect(resolve(text).issues?.map((issue) => issue.split(':')[0])).toEqual([
    'CONNECTION_UNKNOWN target',
    'KEY_MISSING vm.cpu',
    'KEY_MISSING vm.mem_gb',
    'VALUE_INVALID vm.secureboot',
    'NAME_DUPLICATE disks.1.id',
    'VALUE_INVALID output.filename',
    'VALUE_INVALID output.filename',
    'VALUE_INVALID disks.1.bus',
    'MAPPING_NETWORK_MISSING nics.0',
    'VALUE_INVALID pipeline.convert.compress',
    'VALUE_INVALID pipeline.convert.compress',
  ])
})
