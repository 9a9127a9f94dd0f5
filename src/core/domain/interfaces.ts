import { child, childrenNamed, type XmlElement } from '../xml.ts'
import type { DomainInterface } from './described-domain.ts'
import { wholeNumber } from './whole-number.ts'

/** An `<interface>`. (https://libvirt.org/formatdomain.html#network-interfaces) */
export function interfaceOf(element: XmlElement): DomainInterface {
  const { network, bridge, dev, portgroup } = child(element, 'source')?.attributes ?? {}
  const source = network ?? bridge ?? dev
  const mac = child(element, 'mac')?.attributes.address?.trim().toLowerCase().replaceAll('-', ':')
  const model = child(element, 'model')?.attributes.type
  const virtualport = child(element, 'virtualport')?.attributes.type
  return {
    type: element.attributes.type ?? '',
    ...(source ? { source } : {}),
    ...(portgroup === undefined ? {} : { portgroup }),
    ...(mac ? { mac } : {}),
    ...(model === undefined ? {} : { model }),
    vlans: vlansOf(element),
    ...(virtualport === undefined ? {} : { virtualport }),
    linkDown: child(element, 'link')?.attributes.state === 'down',
    line: element.line,
  }
}

function vlansOf(element: XmlElement): readonly number[] {
  const vlan = child(element, 'vlan')
  return (vlan ? childrenNamed(vlan, 'tag') : []).flatMap(({ attributes }) => wholeNumber(attributes.id) ?? [])
}
