import { problem } from '../../core/problem.ts'
import { child, childrenNamed, textOf, type XmlElement } from '../../core/xml.ts'
import { ofKind } from './envelope.ts'

/** One device, as CIM's ResourceAllocationSettingData has it. Everything is text as written, trimmed. */
export interface HardwareItem {
  /** CIM's number: 3 processor, 4 memory, 5 IDE, 6 SCSI, 10 Ethernet, 14 floppy, 15 CD, 16 DVD, 17 disk, 20 other storage … */
  readonly type: number
  readonly instance: string | undefined
  readonly subtype: string | undefined
  readonly name: string | undefined
  readonly parent: string | undefined
  /** Of a controller its bus number, of a NIC its MAC. */
  readonly address: string | undefined
  readonly addressOnParent: string | undefined
  readonly hostResource: string | undefined
  readonly connection: string | undefined
  readonly quantity: string | undefined
  readonly units: string | undefined
  readonly line: number
}

export interface Hardware {
  readonly items: readonly HardwareItem[]
  /** VMware's settings of the machine (`vmw:Config`, `vmw:ExtraConfig`), keys in lower case. */
  readonly settings: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
}

/**
 * The devices of a machine in its default deployment configuration.
 * @throws ProblemError OVF_INVALID when it has no VirtualHardwareSection, or a device without a type
 */
export function readHardware(envelope: XmlElement, system: XmlElement, file: string): Hardware {
  const warnings: string[] = []
  const configuration = defaultConfiguration(envelope, warnings)
  const [section, ...others] = ofKind(system, 'VirtualHardwareSection').filter((each) => applies(each, configuration))
  if (section === undefined) {
    throw problem('OVF_INVALID', `${file} describes no hardware: its machine has no VirtualHardwareSection`, {
      at: { file, line: system.line },
    })
  }
  if (others.length > 0)
    warnings.push(`the machine is described for ${others.length + 1} kinds of hardware: the first was taken`)
  const elements = section.children
    .filter((each) => ['Item', 'StorageItem', 'EthernetPortItem'].includes(each.name))
    .filter((each) => applies(each, configuration))
  return {
    items: withoutOverridden(elements).map((element) => readItem(element, file)),
    settings: new Map(
      ['ExtraConfig', 'Config']
        .flatMap((name) => childrenNamed(section, name))
        .filter((each) => applies(each, configuration))
        .map(({ attributes }) => [attributes.key?.toLowerCase() ?? '', attributes.value ?? '']),
    ),
    warnings,
  }
}

/** The id of the configuration that is taken when nobody chooses (DSP0243, 9.8): the marked one, else the first. */
function defaultConfiguration(envelope: XmlElement, warnings: string[]): string | undefined {
  const all = ofKind(envelope, 'DeploymentOptionSection').flatMap((each) => childrenNamed(each, 'Configuration'))
  const chosen = all.find(({ attributes }) => /^(?:true|1)$/.test(attributes.default ?? '')) ?? all[0]
  const id = chosen?.attributes.id
  const others = all.filter((each) => each !== chosen).map(({ attributes }) => JSON.stringify(attributes.id ?? ''))
  if (others.length > 0)
    warnings.push(`the configuration ${JSON.stringify(id ?? '')} was taken, not ${others.join(', ')}`)
  return id
}

function applies({ attributes }: XmlElement, configuration: string | undefined): boolean {
  const { configuration: listed, bound } = attributes
  if (bound !== undefined && bound !== 'normal') return false
  return listed === undefined || (configuration !== undefined && listed.split(/\s+/).includes(configuration))
}

/** Drops a device for all configurations where one of the same InstanceID is given for the taken one. */
function withoutOverridden(elements: readonly XmlElement[]): readonly XmlElement[] {
  const isSpecial = ({ attributes }: XmlElement) => attributes.configuration !== undefined
  const overridden = new Set(elements.filter(isSpecial).flatMap((each) => instanceOf(each) ?? []))
  return elements.filter((each) => isSpecial(each) || !overridden.has(instanceOf(each) ?? ''))
}

function readItem(element: XmlElement, file: string): HardwareItem {
  const type = textOf(element, 'ResourceType')
  if (type === undefined || !/^\d{1,5}$/.test(type)) {
    throw problem(
      'OVF_INVALID',
      `${file}: a device whose ResourceType is ${type === undefined ? 'missing' : 'no number'}`,
      {
        at: { file, line: child(element, 'ResourceType')?.line ?? element.line },
      },
    )
  }
  return {
    type: Number(type),
    instance: instanceOf(element),
    subtype: textOf(element, 'ResourceSubType'),
    name: textOf(element, 'ElementName') ?? textOf(element, 'Caption'),
    parent: textOf(element, 'Parent'),
    address: textOf(element, 'Address'),
    addressOnParent: textOf(element, 'AddressOnParent'),
    hostResource: textOf(element, 'HostResource'),
    connection: textOf(element, 'Connection'),
    quantity: textOf(element, 'VirtualQuantity'),
    units: textOf(element, 'AllocationUnits'),
    line: element.line,
  }
}

// OVF 0.9 writes `InstanceId`.
function instanceOf(element: XmlElement): string | undefined {
  return textOf(element, 'InstanceID') ?? textOf(element, 'InstanceId')
}
