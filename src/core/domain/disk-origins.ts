import { type ImageFormat, imageFormats } from '../image.ts'
import type { ManifestDisk } from '../language/manifest.ts'
import { printable } from '../printable.ts'
import type { DescribedDomain, DescribedDomainDisk } from './described-domain.ts'
import { diskSettings } from './disk-settings.ts'
import { machineTypeOf, type Refusals } from './importable.ts'
import { sourceText } from './kept-domain.ts'

/** What whoever imports knows of a domain's disks. */
export interface DiskChoices {
  /** Pool: the folder that it is. */
  readonly pools: Readonly<Record<string, string>>
  /** Where a file or folder of the XML lies on this host. */
  readonly moved: Readonly<Record<string, string>>
  /** By the name of its target: left out. */
  readonly skipped: readonly string[]
}

/** A disk that an import takes over, and where its content is expected. */
export interface DiskOrigin {
  readonly id: string
  /** As libvirt names it. */
  readonly target: string
  /** Absolute. */
  readonly path: string
  readonly format: ImageFormat
  readonly bus: NonNullable<ManifestDisk['bus']>
  /** How it is read and written, and how much. */
  readonly settings: Pick<ManifestDisk, 'cache' | 'io' | 'discard' | 'limits'>
  /** 0 boots first. */
  readonly bootRank: number
  readonly line: number
}

/** The disks of a domain in its order; `notes` say which drives are left out, `warnings` what will be different. */
export function diskOrigins(
  domain: DescribedDomain,
  choices: DiskChoices,
  refusals: Refusals,
  { notes, warnings }: { readonly notes: string[]; readonly warnings: string[] },
): readonly DiskOrigin[] {
  const drives = domain.disks.filter((disk) => {
    const { device, target } = disk
    const fixed = device === 'disk' || device === 'lun'
    if (fixed && !choices.skipped.includes(target)) return true
    const why = fixed ? 'was left out by --skip-disk' : 'is not moved along'
    notes.push(`${fixed ? 'disk' : printable(device)} ${printable(target)} ${why}${contentOf(disk)}`)
    return false
  })
  const ids = drives.map(({ target }, index) => {
    const plain = /^[a-zA-Z0-9_-]{1,40}$/.test(target)
    return plain && drives.findIndex((other) => other.target === target) === index ? target : `disk${index}`
  })
  const order = drives.toSorted((a, b) => (a.bootOrder ?? drives.length + 1e9) - (b.bootOrder ?? drives.length + 1e9))
  return drives.flatMap((disk, index): DiskOrigin[] => {
    const { target, line } = disk
    const refuse = (summary: string, hint: string) =>
      refusals.add(line, `disk ${printable(target)}: ${summary}`, `${hint}, or leave it out: --skip-disk ${target}`)
    if (target === '') {
      refusals.add(line, 'a disk has no name', 'add <target dev="vda" bus="virtio"/>')
      return []
    }
    const path = pathOf(disk, choices, refuse)
    const format = formatOf(disk, domain.type, refuse)
    if (path === undefined || format === undefined) return []
    const id = ids[index] ?? target
    warnings.push(...differences(disk, id).map((what) => `disk ${printable(target)}${what}`))
    const bus = busOf(disk, domain, warnings)
    const settings = diskSettings(disk, warnings)
    return [{ id, target, path, format, bus, settings, bootRank: order.indexOf(disk), line }]
  })
}

// What the guest may notice.
function differences(disk: DescribedDomainDisk, id: string): readonly string[] {
  const { device, shareable, readOnly, transient, serial, sectorBytes } = disk
  return [
    ...(shareable ? [' is shared with other machines; here it becomes one of this machine alone'] : []),
    ...(readOnly ? [' is only read; here it can be written'] : []),
    ...(transient ? [': what is written to it is thrown away; here it stays'] : []),
    ...(device === 'lun' ? [' gets its commands of SCSI itself; here it is a disk like others'] : []),
    ...(serial === undefined || serial === id ? [] : [`: its serial number ${printable(serial)} becomes ${id}`]),
    ...(sectorBytes === undefined ? [] : [`: its sectors of ${sectorBytes} bytes become sectors of 512`]),
  ]
}

type Refuse = (summary: string, hint: string) => void

function contentOf({ source }: DescribedDomainDisk): string {
  return 'path' in source ? ` (${printable(source.path)})` : ''
}

function pathOf(
  { source, encrypted, sliced, upon }: DescribedDomainDisk,
  choices: DiskChoices,
  refuse: Refuse,
): string | undefined {
  if (sliced) return void refuse('it is a slice of what it names', 'copy that slice into a file')
  if (encrypted) return void refuse('libvirt encrypts it, and h2k has no key', 'decrypt it into a file')
  switch (source.kind) {
    case 'file':
    case 'block': {
      if (!source.path.startsWith('/')) {
        return void refuse(`${printable(source.path)} is no path on a host`, 'export it to a file, and name that')
      }
      const path = movedPath(source.path, choices.moved)
      // A copy that was named may well be of the whole chain.
      if (upon === undefined || path !== source.path) return path
      const below = printable(sourceText(upon))
      return void refuse(
        `it lies upon ${below}`,
        'put both into one file with qemu-img convert, and name it by --moved',
      )
    }
    case 'volume': {
      const { pool, volume } = source
      const what = `volume ${printable(volume)} of the pool ${printable(pool)}`
      const folder = Object.hasOwn(choices.pools, pool) ? choices.pools[pool] : undefined
      if (/\/|^\.{0,2}$/.test(volume)) return void refuse(`${what} has no plain name`, 'copy it into a file')
      if (folder !== undefined) return movedPath(`${folder.replace(/\/+$/, '')}/${volume}`, choices.moved)
      return void refuse(`it is the ${what}`, `say where that pool is: --pool-path ${printable(pool)}=FOLDER`)
    }
    case 'network': {
      const what = `it is read over the network (${printable(source.protocol || 'no protocol')})`
      return void refuse(
        `${what}, which this version cannot`,
        'copy it into a file with qemu-img convert, and name that',
      )
    }
    case 'dir':
      return void refuse('it is a folder shown as a disk', 'make an image of it')
    case 'other':
      return void refuse(`its type ${printable(source.type)} is no image`, 'copy it into a file')
    case 'none':
      return void refuse('it has no content', 'name its image in the XML')
  }
}

/** A path where it lies now: the longest entry that it is or begins with decides. */
function movedPath(path: string, moved: DiskChoices['moved']): string {
  const entries = Object.entries(moved).map(([from, to]) => [from, to].map((each) => each.replace(/\/+$/, '')))
  const fitting = entries.filter(([from]) => path === from || path.startsWith(`${from}/`))
  const [[from = '', to = ''] = []] = fitting.toSorted(([a = ''], [b = '']) => b.length - a.length)
  return `${to}${path.slice(from.length)}`
}

const formats: ReadonlyMap<string, ImageFormat> = new Map([
  ['raw', 'raw'],
  // Xen's word for it.
  ['aio', 'raw'],
  ['qcow2', 'qcow2'],
  ['vmdk', 'vmdk'],
  ['vpc', 'vhd'],
  ['vhdx', 'vhdx'],
  ['vdi', 'vdi'],
])

// Where the XML names none, libvirt takes raw: content must not be able to say that it is another one.
function formatOf(
  { format, source }: DescribedDomainDisk,
  hypervisor: string,
  refuse: Refuse,
): ImageFormat | undefined {
  if (format !== undefined) {
    const known = formats.get(format.toLowerCase())
    return known ?? void refuse(`h2k does not read the format ${printable(format)}`, 'convert it to qcow2')
  }
  const name = source.kind === 'volume' ? source.volume : 'path' in source ? source.path : ''
  const ending = /\.(qcow2|vmdk|vhdx?|vdi)$/i.exec(name)?.[1]?.toLowerCase()
  if (ending === undefined) return 'raw'
  // Those of other makers know no other way.
  if (/^(?:vmware|vbox|hyperv)$/.test(hypervisor)) return imageFormats.find((each) => each === ending)
  const summary = `the XML does not say its format: libvirt takes it as raw, its name ends in .${ending}`
  return void refuse(summary, 'add <driver name="qemu" type="FORMAT"/>')
}

function busOf({ bus, target }: DescribedDomainDisk, domain: DescribedDomain, warnings: string[]): DiskOrigin['bus'] {
  const tell = (why: string) => warnings.push(`disk ${printable(target)}: ${why}`)
  if (bus === 'virtio' || bus === 'sata') return bus
  if (bus === 'ide' && machineTypeOf(domain) === 'pc') return bus
  if (bus === 'scsi') {
    const model = domain.controllers.find(({ type }) => type === 'scsi')?.model
    if (model !== undefined && !/^virtio-(?:non-)?(?:transitional|scsi)|^auto$/.test(model)) {
      tell(`its controller ${printable(model)} becomes virtio-scsi, which the guest needs a driver for`)
    }
    return bus
  }
  tell(`its bus ${printable(bus)} becomes sata`)
  return 'sata'
}
