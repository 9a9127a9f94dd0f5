import { printable } from '../printable.ts'
import { child, type XmlElement } from '../xml.ts'
import { type Accounted, controllerParts, diskParts, domainParts, interfaceParts, tpmParts } from './accounted.ts'
import { ownDevices } from './own-devices.ts'

/**
 * What of a domain an import neither takes over nor tells otherwise, a sentence for the domain, for each disk and so on: so that
 * nothing is lost without a word. `skipped` are disks that are left out as a whole.
 */
export function leftBehind(domain: XmlElement, skipped: readonly string[] = []): readonly string[] {
  const devices = child(domain, 'devices')?.children ?? []
  const named = (name: string) => devices.filter((device) => device.name === name)
  const disks = named('disk').filter((disk) => isMoved(disk) && !skipped.includes(nameOf(disk)))
  const controllers = named('controller').flatMap((one) => withName(`controller ${one.attributes.type}`, one))
  return [
    ...told('', domain, domainParts),
    ...disks.flatMap((disk) => told(`disk ${printable(nameOf(disk))}: `, disk, diskParts)),
    ...named('interface').flatMap((nic, index) => told(`nic${index}: `, nic, interfaceParts)),
    ...named('tpm').flatMap((tpm) => told('vm.tpm: ', tpm, tpmParts)),
    ...sentence('', controllers),
    ...ownDevices(devices),
  ]
}

function withName(name: string, element: XmlElement): readonly string[] {
  return unaccounted(element, controllerParts).map((part) => `${printable(name)} ${part}`)
}

function nameOf(disk: XmlElement): string {
  return child(disk, 'target')?.attributes.dev ?? ''
}

function isMoved({ attributes: { device = 'disk' } }: XmlElement): boolean {
  return device === 'disk' || device === 'lun'
}

function told(about: string, element: XmlElement, parts: Accounted): readonly string[] {
  return sentence(about, unaccounted(element, parts))
}

function sentence(about: string, parts: readonly string[]): readonly string[] {
  return parts.length === 0 ? [] : [`${about}not taken over: ${[...new Set(parts)].join(', ')}`]
}

/** `driver iothread`, `geometry`, in the order in which they stand. */
function unaccounted(element: XmlElement, parts: Accounted): readonly string[] {
  const attributes = Object.keys(element.attributes).flatMap((name) => {
    const known = parts[`@${name}`]
    return known === true || (typeof known === 'function' && known(element)) ? [] : [printable(name)]
  })
  const children = element.children.flatMap((part) => {
    const known = Object.hasOwn(parts, part.name) ? parts[part.name] : undefined
    const name = printable(part.name)
    if (known === true) return []
    if (known === undefined) return [name]
    if (typeof known === 'function') return known(part) ? [] : [name]
    return unaccounted(part, known).map((inner) => `${name} ${inner}`)
  })
  return [...attributes, ...children]
}
