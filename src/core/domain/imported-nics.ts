import type { ManifestNic, NetworkMapping } from '../language/manifest.ts'
import { bridgeName, nicModels } from '../language/network-mapping.ts'
import { printable } from '../printable.ts'
import type { DomainInterface } from './described-domain.ts'

type Attachment = NonNullable<NetworkMapping['source_networks']>[string]

export interface ImportedNics {
  readonly nics: readonly ManifestNic[]
  readonly networks: Readonly<Record<string, Attachment>>
}

/** The NICs of a domain in its order, and for each network that they are on where it goes: to the same, where that can be. */
export function importedNics(
  interfaces: readonly DomainInterface[],
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
    const [vlan, ...further] = one.vlans
    if (further.length > 0) tell(`a trunk of ${one.vlans.length} tags is not taken over`)
    if (one.linkDown) tell('its link is down; here it comes up')
    if (one.portgroup !== undefined) tell(`the portgroup ${printable(one.portgroup)} is not taken over`)
    const model = modelOf(one.model, tell)
    return {
      id,
      network,
      ...(one.mac === undefined ? {} : { mac: one.mac }),
      ...(model === undefined ? {} : { model }),
      ...(vlan === undefined || further.length > 0 ? {} : { vlan }),
    }
  })
  return { nics, networks: Object.fromEntries(networks) }
}

function attachmentOf({ type, source, virtualport, vlans }: DomainInterface, tell: (what: string) => void): Attachment {
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

function modelOf(model: string | undefined, tell: (what: string) => void): ManifestNic['model'] {
  if (model === undefined) return undefined
  const known = nicModels.find((each) => each === model.toLowerCase())
  if (known !== undefined) return known
  if (/^virtio-(?:non-)?transitional$/.test(model)) return 'virtio'
  tell(`the model ${printable(model)} becomes e1000`)
  return 'e1000'
}
