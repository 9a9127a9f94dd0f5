import { XMLBuilder } from 'fast-xml-parser'
import { type DomainDisk, diskNodes, type XmlNode } from './domain-disks.ts'
import { fingerprint, uuidOf } from './fingerprint.ts'
import type { Hardware, Nic, NicLimits } from './machine.ts'
import { nicPlaces, type PciPlace } from './nic-names.ts'
import { escaped, printable } from './printable.ts'

/** What a libvirt domain is written from. */
export interface Domain {
  readonly workspace: string
  readonly name: string
  /** What it is called in libvirt, where that is not the machine's name. */
  readonly domainName?: string
  readonly type: 'kvm' | 'qemu'
  /** The file with its UEFI variables; without it libvirt chooses one, which version 9.0 leaves behind. */
  readonly nvram?: string
  readonly hardware: Hardware
  readonly disks: readonly DomainDisk[]
  readonly nics: readonly Nic[]
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
export function domainUuid({ workspace, name }: Pick<Domain, 'workspace' | 'name'>): string {
  return uuidOf({ workspace, machine: name })
}

/** Domain XML as https://libvirt.org/formatdomain.html describes it, ready for `virsh define`. */
export function domainXml(domain: Domain): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    // A network may be called "true", and XML has no attributes without a value.
    suppressBooleanAttributes: false,
  })
  return builder.build({ domain: domainNode(domain) })
}

function domainNode(domain: Domain): XmlNode {
  const { hardware, type } = domain
  return {
    '@type': type,
    name: domainName(domain.domainName ?? domain.name),
    uuid: domainUuid(domain),
    metadata: { 'h2k:machine': metadata(domain) },
    memory: { '@unit': 'MiB', '#text': hardware.memoryMib },
    vcpu: hardware.cpus,
    os: os(domain),
    features: { acpi: '', apic: '', ...(hardware.secureBoot ? { smm: { '@state': 'on' } } : {}) },
    // Software emulation has no host CPU to pass through.
    cpu: { '@mode': type === 'qemu' && hardware.cpuMode === 'host-passthrough' ? 'maximum' : hardware.cpuMode },
    clock: { '@offset': isWindows(hardware.os) ? 'localtime' : 'utc' },
    on_poweroff: 'destroy',
    on_reboot: 'restart',
    on_crash: 'destroy',
    devices: devices(domain),
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

function os({ hardware: { firmware, secureBoot, machineType }, nvram }: Domain): XmlNode {
  const type = { '@arch': 'x86_64', '@machine': machineType, '#text': 'hvm' }
  if (firmware === 'bios') return { type }
  const enabled = secureBoot ? 'yes' : 'no'
  const feature = ['secure-boot', 'enrolled-keys'].map((name) => ({ '@enabled': enabled, '@name': name }))
  return { '@firmware': 'efi', type, firmware: { feature }, ...(nvram === undefined ? {} : { nvram }) }
}

function devices({ disks, nics, hardware }: Domain): XmlNode {
  const places = nicPlaces(hardware.machineType, nics)
  const node: XmlNode = {
    disk: diskNodes(disks),
    interface: nics.map((nic, index) => ({ ...interfaceNode(nic), ...pciAddress(places?.[index]) })),
    serial: { '@type': 'pty', target: { '@type': 'isa-serial', '@port': 0 } },
    console: { '@type': 'pty', target: { '@type': 'serial', '@port': 0 } },
    channel: { '@type': 'unix', target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' } },
    graphics: { '@type': 'vnc', '@autoport': 'yes', '@listen': '127.0.0.1' },
    video: { model: { '@type': 'vga' } },
    memballoon: { '@model': 'virtio' },
    rng: { '@model': 'virtio', backend: { '@model': 'random', '#text': '/dev/urandom' } },
  }
  if (disks.some((disk) => disk.bus === 'scsi')) {
    node.controller = { '@type': 'scsi', '@index': 0, '@model': 'virtio-scsi' }
  }
  if (hardware.tpm) node.tpm = { '@model': 'tpm-crb', backend: { '@type': 'emulator', '@version': '2.0' } }
  return node
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

// VMware's guest ids begin so (`windows2019srv_64Guest`); `darwin…` only contains it.
function isWindows(os: string): boolean {
  return /^win/i.test(os)
}
