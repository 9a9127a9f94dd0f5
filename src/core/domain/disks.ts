import { child, textOf, type XmlElement } from '../xml.ts'
import type { DescribedDomainDisk, DomainDiskLimits, DomainDiskSource } from './described-domain.ts'
import { networkAuthOf, networkHostsOf } from './network-source.ts'
import { bytesOf } from './quantity.ts'
import { wholeNumber } from './whole-number.ts'

/** A `<disk>`. (https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms) */
export function diskOf(disk: XmlElement): DescribedDomainDisk {
  const driver = child(disk, 'driver')?.attributes ?? {}
  const source = child(disk, 'source')
  const { dev: target = '', bus } = child(disk, 'target')?.attributes ?? {}
  const serial = textOf(disk, 'serial')
  const bootOrder = wholeNumber(child(disk, 'boot')?.attributes.order)
  return {
    device: disk.attributes.device ?? 'disk',
    source: withAuth(sourceOf(disk.attributes.type ?? 'file', source), disk),
    target,
    bus: bus ?? busNamed(target),
    ...(driver.type === undefined ? {} : { format: driver.type }),
    ...(driver.discard === undefined ? {} : { discard: driver.discard }),
    ...(driver.cache === undefined ? {} : { cache: driver.cache }),
    ...(driver.io === undefined ? {} : { io: driver.io }),
    ...(serial === undefined ? {} : { serial }),
    ...(bootOrder === undefined ? {} : { bootOrder }),
    limits: limitsOf(child(disk, 'iotune')),
    ...sectorsOf(child(disk, 'blockio')),
    ...uponOf(child(disk, 'backingStore')),
    sliced: source !== undefined && child(source, 'slices') !== undefined,
    transient: child(disk, 'transient') !== undefined,
    readOnly: child(disk, 'readonly') !== undefined,
    shareable: child(disk, 'shareable') !== undefined,
    encrypted: [disk, source].some((element) => element && child(element, 'encryption') !== undefined),
    line: disk.line,
  }
}

// Until libvirt 3.9 who reads it stood beside the source.
function withAuth(source: DomainDiskSource, disk: XmlElement): DomainDiskSource {
  return source.kind === 'network' ? { ...source, ...networkAuthOf(disk) } : source
}

// Without a source it is where the chain ends.
function uponOf(backing: XmlElement | undefined): Pick<DescribedDomainDisk, 'upon'> {
  const source = backing && child(backing, 'source')
  return source ? { upon: sourceOf(backing.attributes.type ?? 'file', source) } : {}
}

function limitsOf(iotune: XmlElement | undefined): DomainDiskLimits {
  const iops = iotune && wholeNumber(textOf(iotune, 'total_iops_sec'), 15)
  const bytesPerSecond = iotune && bytesOf(textOf(iotune, 'total_bytes_sec') ?? '', 'b')
  // 0 is none.
  return { ...(iops ? { iops } : {}), ...(bytesPerSecond ? { bytesPerSecond } : {}) }
}

function sectorsOf(blockio: XmlElement | undefined): Pick<DescribedDomainDisk, 'sectorBytes'> {
  const bytes = wholeNumber(blockio?.attributes.logical_block_size)
  return bytes === undefined || bytes === 512 ? {} : { sectorBytes: bytes }
}

function sourceOf(type: string, source: XmlElement | undefined): DomainDiskSource {
  const { file, dev, dir, pool, volume, protocol, name } = source?.attributes ?? {}
  switch (type) {
    case 'file':
      return file ? { kind: 'file', path: file } : { kind: 'none' }
    case 'block':
      return dev ? { kind: 'block', path: dev } : { kind: 'none' }
    case 'dir':
      return dir ? { kind: 'dir', path: dir } : { kind: 'none' }
    case 'volume':
      return pool && volume ? { kind: 'volume', pool, volume } : { kind: 'none' }
    case 'network':
      return {
        kind: 'network',
        protocol: protocol ?? '',
        ...(name === undefined ? {} : { name }),
        ...networkHostsOf(source),
        ...networkAuthOf(source),
      }
    default:
      return { kind: 'other', type }
  }
}

const buses: ReadonlyMap<string, string> = new Map([
  ['vd', 'virtio'],
  ['sd', 'scsi'],
  ['hd', 'ide'],
  ['xvd', 'xen'],
  ['fd', 'fdc'],
  ['ubd', 'uml'],
])

// Which bus libvirt takes when none is written.
function busNamed(target: string): string {
  return buses.get(/^(?:xvd|ubd|[a-z]d)/.exec(target)?.[0] ?? '') ?? 'ide'
}
