import type { Path } from './layer.ts'
import type { Machine } from './machine.ts'

type Known = Pick<Machine, 'disks' | 'nics'>

/**
 * The keys of a manifest that may have said what a field of a stage's input is, the one that decides first. `field` is as
 * `diffJson` calls it, such as `disks.boot.limits.iops`.
 */
export function keysOfField(field: string, { disks, nics }: Known): readonly Path[] {
  const [part = '', ...rest] = field.split('.')
  switch (part) {
    case 'disks': {
      const [id = '', ...keys] = rest
      const index = disks.findIndex((disk) => disk.id === id)
      return index === -1 ? [] : diskKeys(keys, ['disks', index], mappingKeys(id, disks[index]?.datastore))
    }
    case 'nics': {
      const index = nics.findIndex(({ id }) => field.startsWith(`nics.${id}.`))
      const nic = nics[index]
      if (!nic) return []
      return nicKeys(field.slice(`nics.${nic.id}.`.length).split('.'), ['nics', index], nic.sourceNetwork)
    }
    case 'hardware':
      return rest.map((key) => ['vm', hardwareKeys[key] ?? snake(key)])
    case 'conversion':
      return conversionKeys[rest[0] ?? ''] ?? []
    case 'validation':
      return [['pipeline', 'validate', rest[0] === 'checkImage' ? 'check_image_integrity' : snake(rest[0] ?? '')]]
    case 'patches':
      return [['domain_patch', ...rest.map((key) => (/^\d+$/.test(key) ? Number(key) : key))]]
    case 'type':
      return [['target']]
    default:
      return []
  }
}

const hardwareKeys: Readonly<Record<string, string>> = {
  cpus: 'cpu',
  memoryMib: 'mem_gb',
  secureBoot: 'secureboot',
  nvramTemplate: 'nvram_template',
  os: 'os_hint',
}

const conversionKeys: Readonly<Record<string, readonly Path[]>> = {
  compressionLevel: [['pipeline', 'convert', 'compress_level']],
  preallocation: [
    ['pipeline', 'convert', 'preallocation'],
    ['storage_mapping', 'provisioning'],
    ['storage_mapping', 'preallocate'],
  ],
  compression: [
    ['pipeline', 'convert', 'compression'],
    ['pipeline', 'convert', 'compress'],
  ],
}

function mappingKeys(id: string, datastore: string | undefined): readonly Path[] {
  const names = datastore === undefined ? [id] : [id, datastore]
  return [...names.map((name) => ['storage_mapping', 'disk_mappings', name]), ['storage_mapping', 'default_pool']]
}

function diskKeys([part = '', ...keys]: readonly string[], own: Path, mapped: readonly Path[]): readonly Path[] {
  const key = keys.map(snake)
  const mapping = 'storage_mapping'
  switch (part) {
    case 'limits':
      return [
        [...own, 'limits', ...key],
        [mapping, 'disk_limits', ...key],
      ]
    case 'driver':
      return [
        [...own, ...key],
        [mapping, ...key],
        [mapping, 'provisioning'],
      ]
    case 'place':
      return [[...own, 'target_path'], [...own, 'pool'], ...mapped]
    case 'to':
      return key[0] === 'format'
        ? [
            [...own, 'format'],
            [mapping, 'format_override'],
            ['output', 'format'],
          ]
        : [
            ['output', 'filename'],
            ['output', 'directory'],
          ]
    case 'from':
      return [[...own, key[0] === 'format' ? 'source_format' : 'local_path']]
    case 'bootOrder':
      return [
        [...own, 'boot_order_hint'],
        [...own, 'disk_type'],
      ]
    case 'virtualBytes':
      return [[...own, 'bytes']]
    default:
      return [[...own, snake(part)]]
  }
}

function nicKeys([part = '', ...keys]: readonly string[], own: Path, network: string | undefined): readonly Path[] {
  const entry = network === undefined ? [] : [['network_mapping', 'source_networks', network]]
  switch (part) {
    case 'limits':
      return [
        [...own, 'limits', ...keys.map(snake)],
        ['network_limits', ...keys.map(snake)],
      ]
    case 'attach':
      return [
        ...entry.flatMap((path) => [[...path, 'bridge'], [...path, 'network'], path]),
        ['network_mapping', 'default_bridge'],
      ]
    case 'vlan':
    case 'model':
      return [[...own, part], ...entry.map((path) => [...path, part])]
    case 'mac':
      return [
        ['network_mapping', 'mac_address_overrides'],
        ['network_mapping', 'mac_address_policy'],
        [...own, 'mac'],
      ]
    case 'sourceNetwork':
      return [[...own, 'network']]
    default:
      return [[...own, snake(part)]]
  }
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
