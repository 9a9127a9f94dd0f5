import { child, type XmlElement } from '../xml.ts'

/**
 * What of an element an import takes over, tells by itself, or has no need of since libvirt fills it in: attributes as
 * `@name`, children by name. A function says it of one child.
 */
export interface Accounted {
  readonly [name: string]: true | Accounted | ((element: XmlElement) => boolean)
}

const attribute = (name: string, ...values: readonly string[]) => {
  return ({ attributes, children }: XmlElement) => {
    const others = Object.keys(attributes).some((key) => key !== name)
    return !others && children.length === 0 && values.includes(attributes[name] ?? values[0] ?? '')
  }
}
const saying = (...values: readonly string[]) => {
  return ({ text, children }: XmlElement) => children.length === 0 && values.includes(text.trim())
}

// Those that each machine of h2k has, as libvirt writes them.
const timers = new Set(['rtc catchup', 'pit delay', 'hpet no', 'hypervclock yes'])
const timer = ({ attributes: { name, tickpolicy, present } }: XmlElement) =>
  timers.has(`${name} ${tickpolicy ?? present}`) || (name === 'kvmclock' && present !== 'no')

/** Of `<domain>`, its devices apart. */
export const domainParts: Accounted = {
  '@type': true,
  '@id': true,
  name: true,
  uuid: true,
  metadata: { machine: true, libosinfo: true },
  memory: { '@unit': true },
  currentMemory: { '@unit': true },
  vcpu: { '@current': true, '@placement': (element) => element.attributes.placement === 'static' },
  os: {
    '@firmware': true,
    type: true,
    loader: true,
    nvram: true,
    firmware: true,
    boot: true,
    bootmenu: attribute('enable', 'no'),
    kernel: true,
    initrd: true,
    cmdline: true,
  },
  features: { acpi: true, apic: {}, pae: attribute('state', 'on'), hyperv: true, smm: attribute('state', 'on') },
  cpu: { '@mode': true, '@match': true, '@check': true, '@migratable': true, model: true },
  clock: { '@offset': true, timer },
  on_poweroff: saying('destroy'),
  on_reboot: saying('restart'),
  on_crash: saying('destroy'),
  // What libvirt makes up for each start, and what it says of the kind of QEMU that was found.
  seclabel: ({ attributes }) => attributes.type === 'dynamic',
  resource: (element) => child(element, 'partition')?.text.trim() === '/machine' && element.children.length === 1,
  launchSecurity: true,
  commandline: true,
  devices: true,
}

// Where a device sits, and what libvirt calls it, is said anew on the target.
const placed = { address: true, alias: true } as const

export const diskParts: Accounted = {
  ...placed,
  '@type': true,
  '@device': true,
  driver: { '@name': true, '@type': true, '@cache': true, '@io': true, '@discard': true },
  source: {
    '@file': true,
    '@dev': true,
    '@dir': true,
    '@pool': true,
    '@volume': true,
    '@protocol': true,
    '@name': true,
    '@index': true,
    privateData: true,
  },
  // An image says itself what it lies upon.
  backingStore: true,
  target: { '@dev': true, '@bus': true },
  boot: true,
  serial: true,
  readonly: true,
  shareable: true,
  transient: { '@shareBacking': true },
  encryption: true,
  iotune: { total_bytes_sec: true, total_iops_sec: true },
  blockio: { '@logical_block_size': true },
}

export const interfaceParts: Accounted = {
  ...placed,
  '@type': true,
  mac: { '@address': true, '@type': true },
  source: { '@network': true, '@bridge': true, '@dev': true, '@portgroup': true, '@portid': true },
  model: { '@type': true },
  virtualport: { '@type': true },
  vlan: { '@trunk': true, tag: { '@id': true } },
  link: { '@state': true },
  boot: true,
  bandwidth: true,
  filterref: true,
}

export const tpmParts: Accounted = {
  ...placed,
  '@model': (element) => element.attributes.model === 'tpm-crb',
  backend: { '@type': true, '@version': (element) => element.attributes.version === '2.0' },
}

export const controllerParts: Accounted = {
  ...placed,
  '@type': true,
  '@index': true,
  '@model': true,
  '@ports': true,
  '@vectors': true,
  model: true,
  target: true,
}
