import type { DescribedMachine } from '../../core/described.ts'
import { problem } from '../../core/problem.ts'
import { child, parseXml, textOf, type XmlElement } from '../../core/xml.ts'
import { isController } from './controllers.ts'
import { describeDisks, isDisk } from './disks.ts'
import { type OvfFile, ofKind, onlySystem, readFiles, systemName } from './envelope.ts'
import { type Hardware, type HardwareItem, readHardware } from './hardware.ts'
import { describeNics, isNic } from './nics.ts'
import { inBytes } from './units.ts'

export interface Descriptor {
  readonly machine: DescribedMachine
  /** Every file that the descriptor names and that is there under its own name. */
  readonly files: readonly OvfFile[]
}

/**
 * Reads an OVF descriptor (DSP0243 1.x and 2.x, and 0.9) as VMware, VirtualBox and govmomi write it.
 * @param file its name in problems
 * @throws ProblemError XML_…, OVF_INVALID, OVF_UNSUPPORTED, ARCHIVE_HOSTILE
 */
export function parseOvf(text: string, file: string): DescribedMachine {
  return readDescriptor(text, file).machine
}

/** As `parseOvf`, with the files that must come along. */
export function readDescriptor(text: string, file: string): Descriptor {
  const envelope = parseXml(text, file)
  if (envelope.name !== 'Envelope') {
    throw problem('OVF_INVALID', `${file} is no OVF descriptor: it is a ${JSON.stringify(envelope.name)} document`, {
      at: { file, line: envelope.line },
    })
  }
  const files = readFiles(envelope, file)
  const system = onlySystem(envelope, file)
  const hardware = readHardware(envelope, system, file)
  const { items } = hardware
  const { disks, warnings: aboutDisks } = describeDisks({ envelope, system, items, files, file })
  const { nics, warnings: aboutNics } = describeNics(items)
  const name = systemName(system)
  const machine = {
    ...(name === undefined ? {} : { name }),
    ...processors(items, file),
    ...memory(items, file),
    ...firmware(hardware, system),
    ...operatingSystem(system),
    disks,
    nics,
    warnings: [...hardware.warnings, ...aboutDisks, ...aboutNics, ...leftOut(items)],
  }
  return { machine, files: [...files.values()].filter((each) => each.packing !== 'cut into chunks') }
}

function processors(items: readonly HardwareItem[], file: string): Pick<DescribedMachine, 'cpu'> {
  const item = items.find((each) => each.type === 3)
  if (item === undefined) return {}
  if (/^[1-9]\d{0,4}$/.test(item.quantity ?? '')) return { cpu: Number(item.quantity) }
  throw problem('OVF_INVALID', `${file}: the number of processors is ${JSON.stringify(item.quantity ?? '')}`, {
    at: { file, line: item.line },
  })
}

function memory(items: readonly HardwareItem[], file: string): Pick<DescribedMachine, 'memoryMib'> {
  const item = items.find((each) => each.type === 4)
  if (item === undefined) return {}
  // Those that name no unit mean MiB. More than 64 TiB is a unit misread, not a machine.
  const { quantity = '', units = 'MegaBytes' } = item
  const bytes = inBytes(quantity, units)
  if (bytes !== undefined && bytes > 0 && bytes <= 2 ** 46) return { memoryMib: Math.ceil(bytes / 2 ** 20) }
  const written = `${JSON.stringify(quantity)} in units of ${JSON.stringify(units)}`
  throw problem('OVF_INVALID', `${file}: the memory is ${written}, which is no size that h2k can use`, {
    at: { file, line: item.line },
  })
}

function firmware(
  { items, settings }: Hardware,
  system: XmlElement,
): Pick<DescribedMachine, 'firmware' | 'secureBoot' | 'tpm'> {
  // VMware writes `firmware`; VirtualBox keeps it in its own element: vbox:Machine/Hardware/Firmware.
  const machine = child(system, 'Machine')
  const own = machine && child(machine, 'Hardware')
  const written = settings.get('firmware') ?? (own && child(own, 'Firmware')?.attributes.type)
  const secure = settings.get('bootoptions.efisecurebootenabled') ?? settings.get('uefi.secureboot.enabled')
  return {
    ...(written === undefined ? {} : { firmware: /^u?efi/i.test(written) ? ('uefi' as const) : ('bios' as const) }),
    ...(secure === undefined ? {} : { secureBoot: /^(?:true|1)$/i.test(secure) }),
    ...(items.some(isTpm) ? { tpm: true } : {}),
  }
}

function operatingSystem(system: XmlElement): Pick<DescribedMachine, 'osId' | 'osDescription'> {
  const section = ofKind(system, 'OperatingSystemSection')[0]
  const osId = section?.attributes.osType || section?.attributes.id
  const osDescription = section && textOf(section, 'Description')
  return { ...(osId ? { osId } : {}), ...(osDescription === undefined ? {} : { osDescription }) }
}

/** Devices that every machine on KVM has anyway: USB controller, graphics, and VMware's channel to its host. */
const replaced: ReadonlySet<number> = new Set([23, 24])

function leftOut(items: readonly HardwareItem[]): readonly string[] {
  return items.flatMap((item) => {
    const carried =
      item.type === 3 || item.type === 4 || isDisk(item) || isNic(item) || isController(item) || isTpm(item)
    if (carried || replaced.has(item.type) || /^vmware\.vmci$/i.test(item.subtype ?? '')) return []
    const name = JSON.stringify(item.name ?? item.subtype ?? '')
    if (item.type === 15 || item.type === 16) return [`the CD or DVD drive ${name} is left out`]
    if (item.type === 14) return [`the floppy drive ${name} is left out`]
    return [
      `the device ${name} (OVF type ${item.type}${item.subtype ? `, ${JSON.stringify(item.subtype)}` : ''}) is left out`,
    ]
  })
}

function isTpm(item: HardwareItem): boolean {
  return /^vmware\.vtpm$/i.test(item.subtype ?? '')
}
