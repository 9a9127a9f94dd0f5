import { fingerprint } from './fingerprint.ts'
import type { Issue } from './language/check.ts'
import type { Manifest, ManifestNic, NetworkMapping } from './language/manifest.ts'
import type { Nic, NicLimits } from './machine.ts'

/** Puts a NIC on the target's network and gives it its MAC, or says what the mapping lacks. */
export function mapNic(
  machine: string,
  nic: ManifestNic,
  { network_mapping: mapping = {}, network_limits }: Pick<Manifest, 'network_mapping' | 'network_limits'>,
  path: Issue['path'],
): Nic | Issue {
  const placed = attach(nic, mapping, path)
  if ('code' in placed) return placed
  const mac = macOf(machine, nic, mapping, path)
  if (typeof mac !== 'string') return mac
  const limits = limitsOf(nic.limits ?? network_limits)
  return {
    id: nic.id,
    mac,
    ...placed,
    model: nic.model ?? placed.model ?? 'virtio',
    ...(nic.network === undefined ? {} : { sourceNetwork: nic.network }),
    ...(limits === undefined ? {} : { limits }),
    ...(nic.ip === undefined ? {} : { ip: nic.ip }),
  }
}

function limitsOf(written: Manifest['network_limits']): NicLimits | undefined {
  const { average_kib: averageKib, peak_kib: peakKib, burst_kib: burstKib } = written ?? {}
  if (averageKib === undefined) return undefined
  return {
    averageKib,
    ...(peakKib === undefined ? {} : { peakKib }),
    ...(burstKib === undefined ? {} : { burstKib }),
  }
}

type Attachment = Pick<Nic, 'attach' | 'vlan'> & { readonly model?: string }

function attach(nic: ManifestNic, mapping: NetworkMapping, path: Issue['path']): Attachment | Issue {
  const known = mapping.source_networks ?? {}
  const entry = nic.network !== undefined && Object.hasOwn(known, nic.network) ? known[nic.network] : undefined
  const to = typeof entry === 'string' ? { bridge: entry } : (entry ?? unmapped(nic, mapping))
  const vlan = nic.vlan ?? to?.vlan
  const rest = { ...(vlan === undefined ? {} : { vlan }), ...(to?.model === undefined ? {} : { model: to.model }) }
  if (to?.bridge !== undefined) {
    // Until version 11 libvirt starts no machine with a tag on a Linux bridge.
    const type = to.bridge_type ?? (vlan === undefined ? 'linux' : 'openvswitch')
    return { attach: { kind: 'bridge', name: to.bridge, ...(type === 'linux' ? {} : { openvswitch: true }) }, ...rest }
  }
  if (to?.network !== undefined) return { attach: { kind: 'network', name: to.network }, ...rest }
  const { network } = nic
  return {
    code: 'MAPPING_NETWORK_MISSING',
    path,
    summary: `nic ${nic.id}: no mapping for ${network === undefined ? 'a NIC without a network' : `network "${network}"`}`,
    hint:
      network === undefined
        ? 'name its network, or set network_mapping.default_bridge'
        : `add it under network_mapping.source_networks, such as ${JSON.stringify(network)}: br0`,
  }
}

type Destination = Exclude<NonNullable<NetworkMapping['source_networks']>[string], string>

/** Where a NIC goes whose network has no entry; undefined for nowhere. */
function unmapped({ network }: ManifestNic, { on_unmapped, default_bridge }: NetworkMapping): Destination | undefined {
  if (on_unmapped === 'keep' && network !== undefined) return { network }
  // Alone it would have no effect if the default were `error`.
  return on_unmapped === 'error' || default_bridge === undefined ? undefined : { bridge: default_bridge }
}

function macOf(machine: string, nic: ManifestNic, mapping: NetworkMapping, path: Issue['path']): string | Issue {
  const policy = mapping.mac_address_policy ?? 'preserve'
  const own = nic.mac === undefined ? undefined : normalMac(nic.mac)
  if (policy === 'regenerate' || (policy === 'preserve' && own === undefined)) return generatedMac(machine, nic.id)
  const overrides = Object.entries(mapping.mac_address_overrides ?? {})
  const mac = policy === 'preserve' ? own : overrides.find(([from]) => normalMac(from) === own)?.[1]
  if (mac === undefined) {
    return {
      code: 'MAPPING_MAC_MISSING',
      path,
      summary: `nic ${nic.id}: mac_address_policy is custom, and no override names ${own ?? 'a NIC without a MAC'}`,
      hint: `add it under network_mapping.mac_address_overrides, such as "${own ?? '00:50:56:aa:bb:01'}": "52:54:00:aa:bb:01"`,
    }
  }
  if (isStationMac(normalMac(mac))) return normalMac(mac)
  const summary = `nic ${nic.id}: ${mac} is no address of a single NIC that libvirt takes`
  return {
    code: 'VALUE_INVALID',
    path: [...path, 'mac'],
    summary,
    hint: 'network_mapping.mac_address_policy: regenerate',
  }
}

/** Lower case, colons. */
export function normalMac(mac: string): string {
  return mac.toLowerCase().replaceAll('-', ':')
}

/**
 * Whether an address, in its normal form, is one that libvirt takes for a NIC: groups have the lowest bit of the first byte set;
 * fe is what libvirt gives the host's end of each NIC.
 */
export function isStationMac(mac: string): boolean {
  return /^.[02468ace]:/.test(mac) && !mac.startsWith('fe:') && mac !== '00:00:00:00:00:00'
}

// Of the machine and the NIC alone, so that a second run never changes it; 52:54:00 is what KVM's users know.
function generatedMac(machine: string, nicId: string): string {
  const hex = fingerprint({ machine, nic: nicId })
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`
}
