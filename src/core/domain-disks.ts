import type { NetworkSource } from './domain/described-domain.ts'
import { fingerprint } from './fingerprint.ts'
import type { Disk, DiskLimits } from './machine.ts'
import type { XmlNode } from './xml-node.ts'

/** A disk where it lies in the end. */
export interface DomainDisk extends Pick<Disk, 'id' | 'bus' | 'bootOrder' | 'driver' | 'limits'> {
  readonly to: Disk['to']
  /** Where libvirt finds it, when that is no file of this host. */
  readonly source?: DiskSourceOf
}

export type DiskSourceOf =
  | { readonly kind: 'file' | 'block'; readonly path: string }
  | { readonly kind: 'volume'; readonly pool: string; readonly volume: string }
  | NetworkSource

/** The `<disk>` elements of a domain, in the guest's order. */
export function diskNodes(disks: readonly DomainDisk[]): readonly XmlNode[] {
  const names = counter()
  const places = counter()
  return disks.map(({ id, bus, to, bootOrder, driver, limits, source = { kind: 'file', path: to.path } }) => {
    const prefix = prefixes[bus]
    const address = addressOn(bus, places(bus))
    return {
      '@type': source.kind,
      '@device': 'disk',
      driver: driverNode(to.format, driver),
      source: sourceNode(source),
      target: { '@dev': prefix + letters(names(prefix)), '@bus': bus },
      ...(limits ? { iotune: iotune(limits) } : {}),
      boot: { '@order': bootOrder },
      serial: serialOf(id),
      ...(address ? { address } : {}),
    }
  })
}

function sourceNode(source: DiskSourceOf): XmlNode {
  switch (source.kind) {
    case 'file':
      return { '@file': source.path }
    case 'block':
      return { '@dev': source.path }
    case 'volume':
      return { '@pool': source.pool, '@volume': source.volume }
    case 'network':
      return networkNode(source)
  }
}

function networkNode({ protocol, name, hosts = [], auth }: NetworkSource): XmlNode {
  return {
    '@protocol': protocol,
    ...(name === undefined ? {} : { '@name': name }),
    host: hosts.map(({ name: host, port }) => ({ '@name': host, ...(port === undefined ? {} : { '@port': port }) })),
    ...(auth ? { auth: authNode(auth) } : {}),
  }
}

function authNode({ user, secret }: NonNullable<NetworkSource['auth']>): XmlNode {
  const which = 'uuid' in secret ? { '@uuid': secret.uuid } : { '@usage': secret.usage }
  return { '@username': user, secret: { '@type': 'ceph', ...which } }
}

function driverNode(format: DomainDisk['to']['format'], { cache, io, discard }: DomainDisk['driver']): XmlNode {
  return {
    '@name': 'qemu',
    '@type': format,
    ...(cache ? { '@cache': cache } : {}),
    ...(io ? { '@io': io } : {}),
    '@discard': discard,
  }
}

function iotune({ iops, bytesPerSecond }: DiskLimits): XmlNode {
  return {
    ...(bytesPerSecond === undefined ? {} : { total_bytes_sec: bytesPerSecond }),
    ...(iops === undefined ? {} : { total_iops_sec: iops }),
  }
}

// SCSI and SATA disks share their names.
const prefixes = { virtio: 'vd', scsi: 'sd', sata: 'sd', ide: 'hd' } as const

function counter(): (key: string) => number {
  const next = new Map<string, number>()
  return (key) => {
    const index = next.get(key) ?? 0
    next.set(key, index + 1)
    return index
  }
}

/** Names devices as Linux does: a … z, aa. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26))
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last
}

// Without one libvirt takes it from the name: every eighth SCSI disk would go to another, emulated LSI controller.
function addressOn(bus: Disk['bus'], index: number): XmlNode | undefined {
  const address = (controller: number, channel: number, unit: number): XmlNode => ({
    '@type': 'drive',
    '@controller': controller,
    '@bus': channel,
    '@target': 0,
    '@unit': unit,
  })
  switch (bus) {
    case 'virtio':
      return undefined
    case 'scsi':
      return address(0, 0, index)
    case 'sata':
      return address(Math.floor(index / 6), 0, index % 6)
    case 'ide':
      return address(0, Math.floor(index / 2), index % 2)
  }
}

// The guest sees at most 20 characters.
function serialOf(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 11)}-${fingerprint(id).slice(0, 8)}`
}
