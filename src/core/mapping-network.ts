import { fingerprint } from './fingerprint.ts'
import type { Issue } from './language/check.ts'
import type { ManifestNic, NetworkMapping } from './language/manifest.ts'
import type { Nic } from './machine.ts'

type Attachment = { readonly attach: Nic['attach']; readonly vlan?: number; readonly model?: string }

/** Puts a NIC on the target's network and gives it its MAC, or says what the mapping lacks. */
export function mapNic(
  machine: string,
  nic: ManifestNic,
  mapping: NetworkMapping,
  path: readonly PropertyKey[],
): Nic | Issue {
  const placed = attach(nic, mapping, path)
  if ('code' in placed) return placed
  const mac = macOf(machine, nic, mapping, path)
  if (typeof mac !== 'string') return mac
  const vlan = nic.vlan ?? placed.vlan
  return {
    id: nic.id,
    mac,
    attach: placed.attach,
    model: nic.model ?? placed.model ?? 'virtio',
    ...(nic.network === undefined ? {} : { sourceNetwork: nic.network }),
    ...(vlan === undefined ? {} : { vlan }),
    ...(nic.ip === undefined ? {} : { ip: nic.ip }),
  }
}

function attach(nic: ManifestNic, mapping: NetworkMapping, path: readonly PropertyKey[]): Attachment | Issue {
  const known = mapping.source_networks ?? {}
  const entry = nic.network !== undefined && Object.hasOwn(known, nic.network) ? known[nic.network] : undefined
  if (typeof entry === 'string') return { attach: { kind: 'bridge', name: entry } }
  if (entry) {
    const name = entry.bridge ?? entry.network
    if (name === undefined || (entry.bridge !== undefined && entry.network !== undefined)) {
      return {
        code: 'VALUE_INVALID',
        path,
        summary: `the mapping of network "${nic.network}" needs either bridge or network`,
      }
    }
    return {
      attach: { kind: entry.bridge === undefined ? 'network' : 'bridge', name },
      ...(entry.vlan === undefined ? {} : { vlan: entry.vlan }),
      ...(entry.model === undefined ? {} : { model: entry.model }),
    }
  }
  if (mapping.on_unmapped === 'keep' && nic.network !== undefined)
    return { attach: { kind: 'bridge', name: nic.network } }
  if (mapping.default_bridge !== undefined && mapping.on_unmapped !== 'error') {
    return { attach: { kind: 'bridge', name: mapping.default_bridge } }
  }
  return {
    code: 'MAPPING_NETWORK_MISSING',
    path,
    summary: `nic ${nic.id}: no mapping for ${nic.network === undefined ? 'a NIC without a network' : `network "${nic.network}"`}`,
    hint: `add it under network_mapping.source_networks, such as "${nic.network ?? 'VM Network'}": br0`,
  }
}

function macOf(
  machine: string,
  nic: ManifestNic,
  mapping: NetworkMapping,
  path: readonly PropertyKey[],
): string | Issue {
  const mac = nic.mac === undefined ? undefined : normalMac(nic.mac)
  switch (mapping.mac_address_policy ?? 'preserve') {
    case 'preserve':
      return mac ?? generatedMac(machine, nic.id)
    case 'regenerate':
      return generatedMac(machine, nic.id)
    case 'custom': {
      const overrides = Object.entries(mapping.mac_address_overrides ?? {})
      const custom = overrides.find(([from]) => normalMac(from) === mac)?.[1]
      if (custom !== undefined) return normalMac(custom)
      return {
        code: 'MAPPING_MAC_MISSING',
        path,
        summary: `nic ${nic.id}: mac_address_policy is custom, and no override names ${mac ?? 'a NIC without a MAC'}`,
        hint: 'add it under network_mapping.mac_address_overrides',
      }
    }
  }
}

/** Lower case, colons. */
export function normalMac(mac: string): string {
  return mac.toLowerCase().replaceAll('-', ':')
}

// Of the machine and the NIC alone, so that a second run never changes it; 52:54:00 is what KVM's users know.
function generatedMac(machine: string, nicId: string): string {
  const hex = fingerprint({ machine, nic: nicId })
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`
}
