import { deviceNodes } from './domain-devices.ts'
import type { DomainDisk } from './domain-disks.ts'
import { type DomainPatch, type PatchFault, patched } from './domain-patch.ts'
import { systemNodes } from './domain-system.ts'
import { fingerprint, uuidOf } from './fingerprint.ts'
import type { Hardware, Nic } from './machine.ts'
import { osinfoId } from './osinfo.ts'
import { escaped, printable } from './printable.ts'
import { problem } from './problem.ts'
import { buildXml, type XmlNode } from './xml-node.ts'

/** What a libvirt domain is written from. */
export interface Domain {
  readonly workspace: string
  readonly name: string
  /** Where it is not made of the names. */
  readonly uuid?: string
  /** What it is called in libvirt, where that is not the machine's name. */
  readonly domainName?: string
  readonly type: 'kvm' | 'qemu'
  /** The file with its UEFI variables; without it libvirt chooses one, which version 9.0 leaves behind. */
  readonly nvram?: string
  readonly hardware: Hardware
  readonly disks: readonly DomainDisk[]
  readonly nics: readonly Nic[]
  readonly patches?: readonly DomainPatch[]
}

// libvirt names files by it, with up to 16 bytes more.
const maxNameBytes = 200

/**
 * The name of a machine's domain, another one for each machine: libvirt takes no control characters and no slashes, and
 * names files by it.
 */
export function domainName(name: string): string {
  const plain = printable(name).replaceAll('/', escaped)
  const safe = plain.replace(/^\.(?=\.?$)/, escaped)
  if (new TextEncoder().encode(safe).length <= maxNameBytes) return safe
  const start = [...safe].slice(0, 40).join('')
  return `${start}-${fingerprint(name).slice(0, 16)}`
}

/** The same for the same machine of the same workspace, so that defining it again is an update. */
export function domainUuid({ workspace, name, uuid }: Pick<Domain, 'workspace' | 'name' | 'uuid'>): string {
  return uuid ?? uuidOf({ workspace, machine: name })
}

/**
 * Domain XML as https://libvirt.org/formatdomain.html describes it, ready for `virsh define`.
 * @throws ProblemError VALUE_INVALID for a patch that does not fit, which `patchFaults` tells before
 */
export function domainXml(domain: Domain): string {
  const { domain: node, faults } = patched(domainNode(domain), domain.patches ?? [])
  const [fault] = faults
  if (fault) throw problem('VALUE_INVALID', `domain_patch[${fault.index}]: ${fault.summary}`)
  return buildXml('domain', node)
}

/** What is wrong with a domain's patches. */
export function patchFaults(domain: Domain): readonly PatchFault[] {
  return patched(domainNode(domain), domain.patches ?? []).faults
}

function domainNode(domain: Domain): XmlNode {
  const { hardware, type } = domain
  return {
    '@type': type,
    name: domainName(domain.domainName ?? domain.name),
    uuid: domainUuid(domain),
    metadata: { 'h2k:machine': metadata(domain), ...osinfo(hardware.os) },
    memory: { '@unit': 'MiB', '#text': hardware.memoryMib },
    vcpu: hardware.cpus,
    ...systemNodes(domain),
    on_poweroff: 'destroy',
    on_reboot: 'restart',
    on_crash: 'destroy',
    devices: deviceNodes(domain),
  }
}

function metadata({ workspace, name, hardware, nics }: Domain): XmlNode {
  return {
    '@xmlns:h2k': 'https://h2k.dev/xmlns/machine/1.0',
    'h2k:workspace': workspace,
    'h2k:name': printable(name),
    'h2k:os': printable(hardware.os),
    'h2k:nic': nics.map((nic) => ({
      '@mac': nic.mac,
      ...(nic.sourceNetwork === undefined ? {} : { '@source_network': printable(nic.sourceNetwork) }),
      ...(nic.ip === undefined ? {} : { '@ip': printable(nic.ip) }),
    })),
  }
}

// What virt-manager and others tell the guest's system by.
function osinfo(os: string): XmlNode {
  const id = osinfoId(os)
  if (id === undefined) return {}
  const xmlns = 'http://libosinfo.org/xmlns/libvirt/domain/1.0'
  return { 'libosinfo:libosinfo': { '@xmlns:libosinfo': xmlns, 'libosinfo:os': { '@id': id } } }
}
