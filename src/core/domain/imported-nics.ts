import type { ManifestNic, NetworkMapping } from '../language/manifest.ts'
import { bridgeName, nicModels, vlanTag } from '../language/network-mapping.ts'
import { isStationMac } from '../mapping-network.ts'
import { printable } from '../printable.ts'
import type { DescribedDomain, DomainInterface } from './described-domain.ts'

type Attachment = NonNullable<NetworkMapping['source_networks']>[string]

export interface ImportedNics {
  readonly nics: readonly ManifestNic[]
  readonly networks: Readonly<Record<string, Attachment>>
}

/** The NICs of a domain in its order, and for each network that they are on where it goes: to the same, where that can be. */
export function importedNics(
  { interfaces, type }: Pick<DescribedDomain, 'interfaces' | 'type'>,
  bridges: Readonly<Record<string, string>>,
  warnings: string[],
): ImportedNics {
  const networks = new Map<string, Attachment>()
  const nics = interfaces.map((one, index): ManifestNic => {
    const id = `nic${index}`
    const tell = (what: string) => warnings.push(`${id}: ${what}`)
    const name = printable(one.source ?? one.type)
    const attachment = Object.hasOwn(bridges, name) ? bridges[name] : attachmentOf(one, tell)
    const network = nameFor(name, one.type, attachment ?? name, networks)
    const [tag, ...further] = one.vlans
    const vlan = tag !== undefined && vlanTag.safeParse(tag).success ? tag : undefined
    if (tag !== vlan) tell(`the tag ${tag} is not taken over`)
    if (further.length > 0) tell(`a trunk of ${one.vlans.length} tags is not taken over`)
    if (one.linkDown) tell('its link is down; here it comes up')
    if (one.portgroup !== undefined) tell(`the portgroup ${printable(one.portgroup)} is not taken over`)
    if (one.guarded) tell('what its filter keeps out is not: here it has none')
    const mac = one.mac === undefined || isStationMac(one.mac) ? one.mac : undefined
    if (mac !== one.mac)
      tell(`its address ${printable(one.mac ?? '')} is none that a NIC may have; here it gets another`)
    const model = modelOf(one.model, type, tell)
    const limits = limitsOf(one, tell)
    return {
      id,
      network,
      ...(mac === undefined ? {} : { mac }),
      ...(model === undefined ? {} : { model }),
      ...(vlan === undefined || further.length > 0 ? {} : { vlan }),
      ...(limits === undefined ? {} : { limits }),
    }
  })
  return { nics, networks: Object.fromEntries(networks) }
}

type Tell = (what: string) => void

// A manifest has one limit for both ways.
function limitsOf({ inbound, outbound }: DomainInterface, tell: Tell): ManifestNic['limits'] {
  if (!inbound && !outbound) return undefined
  const { average, peak, burst } = inbound ?? {}
  const same =
    JSON.stringify([average, peak, burst]) === JSON.stringify([outbound?.average, outbound?.peak, outbound?.burst])
  if (average === undefined || !same) {
    tell('its limits are not taken over: here there is one average for what it sends and what it receives')
    return undefined
  }
  return {
    average_kib: average,
    ...(peak === undefined ? {} : { peak_kib: peak }),
    ...(burst === undefined ? {} : { burst_kib: burst }),
  }
}

function attachmentOf({ type, source, virtualport, vlans }: DomainInterface, tell: Tell): Attachment {
  if (type === 'network' && source !== undefined) return { network: source }
  if (type === 'bridge' && source !== undefined && bridgeName.safeParse(source).success) {
    if (virtualport === 'openvswitch') return { bridge: source, bridge_type: 'openvswitch' }
    return vlans.length > 0 ? { bridge: source, bridge_type: 'linux' } : source
  }
  tell(`a connection of type ${printable(type)} cannot be taken over: it goes to the network default`)
  return { network: 'default' }
}

// A network and a bridge may have one name.
function nameFor(name: string, type: string, attachment: Attachment, networks: Map<string, Attachment>): string {
  const same = (other: Attachment | undefined) => JSON.stringify(other) === JSON.stringify(attachment)
  const free = [name, `${name} (${printable(type)})`].find((each) => !networks.has(each) || same(networks.get(each)))
  const taken = free ?? `${name} (${networks.size})`
  networks.set(taken, attachment)
  return taken
}

function modelOf(model: string | undefined, hypervisor: string, tell: Tell): ManifestNic['model'] {
  // What libvirt takes for a PC of QEMU when none is written.
  if (model === undefined) return /^(?:kvm|qemu)$/.test(hypervisor) ? 'rtl8139' : undefined
  const known = nicModels.find((each) => each === model.toLowerCase())
  if (known !== undefined) return known
  if (/^virtio-(?:non-)?transitional$/.test(model)) return 'virtio'
  tell(`the model ${printable(model)} becomes e1000`)
  return 'e1000'
}
