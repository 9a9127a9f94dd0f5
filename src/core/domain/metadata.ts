import { unescaped } from '../printable.ts'
import { child, childrenNamed, textOf, type XmlElement } from '../xml.ts'
import type { DomainMark } from './described-domain.ts'

/** What h2k wrote into the domain's metadata, as `domainXml` does; undefined when it did not make the domain. */
export function markOf(domain: XmlElement): DomainMark | undefined {
  const machine = inMetadata(domain, 'machine')
  if (!machine) return undefined
  const workspace = textOf(machine, 'workspace')
  const name = child(machine, 'name')?.text
  if (workspace === undefined || name === undefined) return undefined
  return {
    workspace,
    name: unescaped(name),
    os: unescaped(child(machine, 'os')?.text ?? ''),
    nics: childrenNamed(machine, 'nic').map(({ attributes: { mac = '', source_network: network, ip } }) => ({
      mac,
      ...(network === undefined ? {} : { sourceNetwork: unescaped(network) }),
      ...(ip === undefined ? {} : { ip: unescaped(ip) }),
    })),
  }
}

/** The id of libosinfo. */
export function osinfoOf(domain: XmlElement): string | undefined {
  const libosinfo = inMetadata(domain, 'libosinfo')
  return libosinfo && child(libosinfo, 'os')?.attributes.id
}

function inMetadata(domain: XmlElement, name: string): XmlElement | undefined {
  const metadata = child(domain, 'metadata')
  return metadata && child(metadata, name)
}
