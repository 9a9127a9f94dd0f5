import type { DescribedDomain, DescribedDomainDisk, DomainDiskSource } from './described-domain.ts'
import { networkText } from './network-source.ts'

/**
 * What of a domain is compared with what was defined. What libvirt fills in by itself (addresses, controllers, aliases,
 * paths of its own files) is not in it.
 */
export interface KeptDomain {
  readonly name: string
  readonly type: string
  readonly cpus: number
  readonly maximumCpus: number
  readonly memoryBytes: number
  readonly currentMemoryBytes: number
  readonly machineType: string
  readonly cpuMode: string
  readonly firmware: 'bios' | 'uefi'
  readonly secureBoot: boolean
  readonly tpm: boolean
  readonly clock: string
  readonly disks: readonly KeptDisk[]
  readonly nics: readonly KeptNic[]
  /** How many there are of each other kind of device. */
  readonly devices: { readonly [kind: string]: number }
}

export interface KeptDisk {
  /** Its serial number, by which h2k names it, else libvirt's name for it. */
  readonly id: string
  readonly device: string
  readonly target: string
  readonly bus: string
  readonly format: string
  readonly source: string
  readonly bootOrder: number
}

export interface KeptNic {
  /** Its MAC. */
  readonly id: string
  readonly type: string
  readonly source: string
  readonly model: string
  readonly vlans: readonly number[]
}

/** The part of a domain that h2k answers for. */
export function keptDomain(domain: DescribedDomain): KeptDomain {
  return {
    name: domain.name,
    type: domain.type,
    cpus: domain.cpus,
    maximumCpus: domain.maximumCpus,
    memoryBytes: domain.memoryBytes,
    currentMemoryBytes: domain.currentMemoryBytes ?? domain.memoryBytes,
    machineType: domain.machineType ?? '',
    cpuMode: domain.cpuMode ?? '',
    firmware: domain.firmware.kind,
    secureBoot: domain.firmware.secureBoot,
    tpm: domain.tpm !== undefined,
    clock: domain.clockOffset ?? 'utc',
    disks: domain.disks.map(keptDisk),
    nics: domain.interfaces.map(({ mac = '', type, source = '', model = '', vlans }) => {
      return { id: mac, type, source, model, vlans }
    }),
    devices: countKinds(domain.devices.map(({ kind }) => kind)),
  }
}

function keptDisk({ serial, target, device, bus, format, source, bootOrder }: DescribedDomainDisk): KeptDisk {
  const place = sourceText(source)
  return {
    id: serial ?? target,
    device,
    target,
    bus,
    format: format ?? 'raw',
    source: place,
    bootOrder: bootOrder ?? 0,
  }
}

/** Where a disk's content is, in one text. */
export function sourceText(source: DomainDiskSource): string {
  switch (source.kind) {
    case 'file':
    case 'block':
    case 'dir':
      return source.path
    case 'volume':
      return `${source.pool}/${source.volume}`
    case 'network':
      return networkText(source)
    case 'other':
      return source.type
    case 'none':
      return ''
  }
}

function countKinds(kinds: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
