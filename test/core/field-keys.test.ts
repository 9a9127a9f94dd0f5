import { describe, expect, it } from 'vitest'
import { keysOfField } from '../../src/core/field-keys.ts'
import { manifestSchema } from '../../src/core/language/manifest.ts'
import { keysAt } from '../../src/core/language/schema-keys.ts'
import type { Machine } from '../../src/core/machine.ts'
import { machineOf } from './machines.ts'

const machine: Machine = machineOf(`source: {provider: local, vm_name: web01}
vm: {cpu: 1, mem_gb: 1}
disks:
  - {id: a, source_format: raw, bytes: 1048576, local_path: a.raw}
  - {id: b, source_format: raw, bytes: 1048576, local_path: b.raw, datastore: ds.1, limits: {iops: 5}}
nics: [{id: n.1, network: LAN, mac: "00:50:56:aa:bb:01", vlan: 5, limits: {average_kib: 4}}]
network_mapping: {default_bridge: br0}
`)

describe('a field of what is published is said by', () => {
  it.each([
    ['disks.b.limits.iops', ['disks.1.limits.iops', 'storage_mapping.disk_limits.iops']],
    [
      'disks.a.limits.bytesPerSecond',
      ['disks.0.limits.bytes_per_second', 'storage_mapping.disk_limits.bytes_per_second'],
    ],
    ['disks.a.driver.cache', ['disks.0.cache', 'storage_mapping.cache', 'storage_mapping.provisioning']],
    [
      'disks.b.place.path',
      [
        'disks.1.target_path',
        'disks.1.pool',
        'storage_mapping.disk_mappings.b',
        'storage_mapping.disk_mappings.ds.1',
        'storage_mapping.default_pool',
      ],
    ],
    ['disks.a.to.format', ['disks.0.format', 'storage_mapping.format_override', 'output.format']],
    ['disks.a.bus', ['disks.0.bus']],
    ['nics.n.1.limits.averageKib', ['nics.0.limits.average_kib', 'network_limits.average_kib']],
    ['nics.n.1.vlan', ['nics.0.vlan', 'network_mapping.source_networks.LAN.vlan']],
    ['hardware.memoryMib', ['vm.mem_gb']],
    ['hardware.machineType', ['vm.machine_type']],
    ['validation.checkImage', ['pipeline.validate.check_image_integrity']],
    ['disks.gone.bus', []],
    ['root', []],
  ])('%s', (field, keys) => {
    expect(keysOfField(field, machine).map((path) => path.join('.'))).toEqual(keys)
  })
})

it('names only keys that there are', () => {
  const fields = [
    ...Object.keys(machine.hardware).map((key) => `hardware.${key}`),
    ...[
      'limits.iops',
      'limits.bytesPerSecond',
      'driver.cache',
      'driver.io',
      'driver.discard',
      'to.format',
      'to.path',
    ].map((key) => `disks.b.${key}`),
    ...['bus', 'bootOrder', 'virtualBytes', 'checksum', 'from.format', 'from.path', 'place.kind'].map(
      (key) => `disks.b.${key}`,
    ),
    ...['mac', 'attach.name', 'vlan', 'model', 'ip', 'sourceNetwork', 'limits.averageKib'].map(
      (key) => `nics.n.1.${key}`,
    ),
    'conversion.preallocation',
    'conversion.compression',
    'conversion.compressionLevel',
    'validation.compareSource',
    'type',
  ]
  for (const path of fields.flatMap((field) => keysOfField(field, machine))) {
    const named = path.some((part) => part === 'disk_mappings' || part === 'source_networks')
    if (!named) expect(keysAt(manifestSchema, path.slice(0, -1)), path.join('.')).toContain(path.at(-1))
  }
})
