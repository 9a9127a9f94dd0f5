import { XMLBuilder } from 'fast-xml-parser'
import { uuidOf } from './fingerprint.ts'
import type { Disk, Hardware, Nic } from './machine.ts'
import { printable } from './printable.ts'

/** What a libvirt domain is written from. */
export interface Domain {
  readonly workspace: string
  readonly name: string
  readonly type: 'kvm' | 'qemu'
  readonly hardware: Hardware
  readonly disks: readonly Pick<Disk, 'id' | 'bus' | 'to' | 'bootOrder'>[]
  readonly nics: readonly Nic[]
}

type Node = { [name: string]: Node | readonly Node[] | string | number }

/** The name that libvirt accepts: it takes neither control characters nor slashes. */
export function domainName(name: string): string {
  return printable(name).replaceAll('/', '%2F')
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
  })
  return builder.build({ domain: domainNode(domain) })
}

function domainNode(domain: Domain): Node {
  const { hardware, type } = domain
  return {
    '@type': type,
    name: domainName(domain.name),
    uuid: domainUuid(domain),
    metadata: { 'h2k:machine': metadata(domain) },
    memory: { '@unit': 'MiB', '#text': hardware.memoryMib },
    vcpu: hardware.cpus,
    os: os(hardware),
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

function metadata({ workspace, name, hardware, nics }: Domain): Node {
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

function os({ firmware, secureBoot, machineType }: Hardware): Node {
  const type = { '@arch': 'x86_64', '@machine': machineType, '#text': 'hvm' }
  if (firmware === 'bios') return { type }
  const enabled = secureBoot ? 'yes' : 'no'
  const feature = ['secure-boot', 'enrolled-keys'].map((name) => ({ '@enabled': enabled, '@name': name }))
  return { '@firmware': 'efi', type, firmware: { feature } }
}

function devices({ disks, nics, hardware }: Domain): Node {
  const device = deviceNames()
  const node: Node = {
    disk: disks.map((disk) => ({
      '@type': 'file',
      '@device': 'disk',
      driver: { '@name': 'qemu', '@type': disk.to.format, '@discard': 'unmap' },
      source: { '@file': disk.to.path },
      target: { '@dev': device(disk.bus), '@bus': disk.bus },
      boot: { '@order': disk.bootOrder },
      serial: printable(disk.id).slice(0, 20),
    })),
    interface: nics.map(interfaceNode),
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

function interfaceNode(nic: Nic): Node {
  const { kind, name } = nic.attach
  return {
    '@type': kind,
    mac: { '@address': nic.mac },
    source: { [`@${kind}`]: name },
    ...(nic.vlan === undefined ? {} : { vlan: { tag: { '@id': nic.vlan } } }),
    model: { '@type': nic.model },
  }
}

/** Names devices as Linux does: vda … vdz, vdaa; SCSI and SATA share theirs. */
function deviceNames(): (bus: Disk['bus']) => string {
  const next = new Map<string, number>()
  return (bus) => {
    const prefix = { virtio: 'vd', scsi: 'sd', sata: 'sd', ide: 'hd' }[bus]
    const index = next.get(prefix) ?? 0
    next.set(prefix, index + 1)
    let letters = ''
    for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) {
      letters = String.fromCharCode(97 + (rest % 26)) + letters
    }
    return prefix + letters
  }
}

// VMware's guest ids begin so (`windows2019srv_64Guest`); `darwin…` only contains it.
function isWindows(os: string): boolean {
  return /^win/i.test(os)
}
