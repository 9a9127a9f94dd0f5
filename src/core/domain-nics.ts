import type { Hardware, Nic, NicLimits } from './machine.ts'
import { nicPlaces, type PciPlace } from './nic-names.ts'
import type { XmlNode } from './xml-node.ts'

/** The `<interface>` elements of a domain, in the guest's order. */
export function nicNodes(nics: readonly Nic[], machineType: Hardware['machineType']): readonly XmlNode[] {
  const places = nicPlaces(machineType, nics)
  return nics.map((nic, index) => ({ ...interfaceNode(nic), ...pciAddress(places?.[index]) }))
}

function interfaceNode(nic: Nic): XmlNode {
  const { kind, name, openvswitch } = nic.attach
  return {
    '@type': kind,
    mac: { '@address': nic.mac },
    source: { [`@${kind}`]: name },
    ...(openvswitch ? { virtualport: { '@type': 'openvswitch' } } : {}),
    ...(nic.vlan === undefined ? {} : { vlan: { tag: { '@id': nic.vlan } } }),
    model: { '@type': nic.model },
    ...(nic.limits ? { bandwidth: bandwidth(nic.limits) } : {}),
  }
}

// Inbound is what the guest receives.
function bandwidth({ averageKib, peakKib, burstKib }: NicLimits): XmlNode {
  const way = {
    '@average': averageKib,
    ...(peakKib === undefined ? {} : { '@peak': peakKib }),
    ...(burstKib === undefined ? {} : { '@burst': burstKib }),
  }
  return { inbound: way, outbound: way }
}

function pciAddress(place: PciPlace | undefined): XmlNode {
  if (!place) return {}
  return { address: { '@type': 'pci', '@domain': 0, '@bus': place.bus, '@slot': place.slot, '@function': 0 } }
}
