import { child, childrenNamed, type XmlElement } from '../xml.ts'
import type { DomainInterface, DomainNicLimits } from './described-domain.ts'
import { wholeNumber } from './whole-number.ts'

/** An `<interface>`. (https://libvirt.org/formatdomain.html#network-interfaces) */
export function interfaceOf(element: XmlElement): DomainInterface {
  const { network, bridge, dev, portgroup } = child(element, 'source')?.attributes ?? {}
  const source = network ?? bridge ?? dev
  const mac = child(element, 'mac')?.attributes.address?.trim().toLowerCase().replaceAll('-', ':')
  const model = child(element, 'model')?.attributes.type
  const virtualport = child(element, 'virtualport')?.attributes.type
  const bootOrder = wholeNumber(child(element, 'boot')?.attributes.order)
  return {
    type: element.attributes.type ?? '',
    ...(source ? { source } : {}),
    ...(portgroup === undefined ? {} : { portgroup }),
    ...(mac ? { mac } : {}),
    ...(model === undefined ? {} : { model }),
    vlans: vlansOf(element),
    ...(virtualport === undefined ? {} : { virtualport }),
    linkDown: child(element, 'link')?.attributes.state === 'down',
    guarded: child(element, 'filterref') !== undefined,
    ...limitsOf(child(element, 'bandwidth')),
    ...(bootOrder === undefined ? {} : { bootOrder }),
    line: element.line,
  }
}

function limitsOf(bandwidth: XmlElement | undefined): Pick<DomainInterface, 'inbound' | 'outbound'> {
  const [inbound, outbound] = ['inbound', 'outbound'].map((way) => wayOf(bandwidth && child(bandwidth, way)))
  return { ...(inbound ? { inbound } : {}), ...(outbound ? { outbound } : {}) }
}

function wayOf(way: XmlElement | undefined): DomainNicLimits | undefined {
  if (!way) return undefined
  const numbers = (['average', 'peak', 'burst'] as const).flatMap((key) => {
    const number = wholeNumber(way.attributes[key], 10)
    return number ? [[key, number]] : []
  })
  return Object.fromEntries(numbers)
}

function vlansOf(element: XmlElement): readonly number[] {
  const vlan = child(element, 'vlan')
  return (vlan ? childrenNamed(vlan, 'tag') : []).flatMap(({ attributes }) => wholeNumber(attributes.id) ?? [])
}
