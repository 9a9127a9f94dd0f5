import { problem } from '../problem.ts'
import { child, childrenNamed, parseXml, textOf, type XmlElement } from '../xml.ts'
import type { DescribedDomain } from './described-domain.ts'
import { diskOf } from './disks.ts'
import { firmwareOf } from './firmware.ts'
import { interfaceOf } from './interfaces.ts'
import { markOf, osinfoOf } from './metadata.ts'
import { bytesOf } from './quantity.ts'
import { wholeNumber } from './whole-number.ts'

/**
 * Reads domain XML as `virsh dumpxml` prints it, `file` being its name in problems. Hostile XML is refused; devices that
 * are not known are kept by name.
 * @throws ProblemError XML_HOSTILE, XML_INVALID, DOMAIN_INVALID
 */
export function parseDomain(text: string, file: string): DescribedDomain {
  return domainOf(parseXml(text, file), file)
}

/**
 * The domain that a document describes, which `parseXml` read from `file`.
 * @throws ProblemError DOMAIN_INVALID
 */
export function domainOf(domain: XmlElement, file: string): DescribedDomain {
  if (domain.name !== 'domain') {
    throw problem(
      'DOMAIN_INVALID',
      `${file} is no domain of libvirt: its root element is <${domain.name.slice(0, 80)}>`,
      {
        hint: 'virsh dumpxml --inactive NAME',
        at: { file, line: domain.line },
      },
    )
  }
  const need = <T>(value: T | undefined, what: string, at = domain): T => {
    if (value !== undefined) return value
    throw problem('DOMAIN_INVALID', `${file}: ${what}`, { at: { file, line: at.line } })
  }
  const os = need(child(domain, 'os'), 'the domain has no <os>')
  const type = child(os, 'type')
  const devices = child(domain, 'devices')?.children ?? []
  const mark = markOf(domain)
  const osinfo = osinfoOf(domain)
  const uuid = textOf(domain, 'uuid')
  const kernel = textOf(os, 'kernel')
  const clockOffset = child(domain, 'clock')?.attributes.offset
  const security = child(domain, 'launchSecurity')?.attributes.type
  const features = child(domain, 'features')
  return {
    type: domain.attributes.type ?? '',
    name: need(child(domain, 'name')?.text || undefined, 'the domain has no name'),
    ...(uuid === undefined ? {} : { uuid: uuid.toLowerCase() }),
    ...(mark ? { made: mark } : {}),
    ...(osinfo === undefined ? {} : { osinfo }),
    ...memoryOf(domain, need),
    ...cpusOf(domain, need),
    osType: type?.text.trim() ?? '',
    ...(type?.attributes.arch === undefined ? {} : { arch: type.attributes.arch }),
    ...(type?.attributes.machine === undefined ? {} : { machineType: type.attributes.machine }),
    firmware: firmwareOf(os),
    ...(kernel === undefined ? {} : { kernel }),
    bootDevices: childrenNamed(os, 'boot').flatMap(({ attributes }) => attributes.dev ?? []),
    ...(clockOffset === undefined ? {} : { clockOffset }),
    hyperv: features !== undefined && child(features, 'hyperv') !== undefined,
    ...tpmOf(devices.find(({ name }) => name === 'tpm')),
    ...watchdogOf(devices.find(({ name }) => name === 'watchdog')),
    disks: devices.filter(({ name }) => name === 'disk').map(diskOf),
    interfaces: devices.filter(({ name }) => name === 'interface').map(interfaceOf),
    controllers: devices.filter(({ name }) => name === 'controller').map(controllerOf),
    devices: devices.filter(({ name }) => !known.has(name)).map(({ name: kind, line }) => ({ kind, line })),
    ...(security === undefined ? {} : { launchSecurity: security }),
    extraArguments: child(domain, 'commandline') !== undefined,
    line: domain.line,
  }
}

const known = new Set(['disk', 'interface', 'controller', 'tpm', 'emulator'])

type Need = <T>(value: T | undefined, what: string, at?: XmlElement) => T

function memoryOf(domain: XmlElement, need: Need): Pick<DescribedDomain, 'memoryBytes' | 'currentMemoryBytes'> {
  const amount = (element: XmlElement) => {
    const { text, name, attributes } = element
    return need(bytesOf(text, attributes.unit), `its <${name}> is no amount of memory`, element)
  }
  const memoryBytes = amount(need(child(domain, 'memory'), 'the domain has no <memory>'))
  const current = child(domain, 'currentMemory')
  const currentMemoryBytes = current && amount(current)
  return currentMemoryBytes === undefined || currentMemoryBytes >= memoryBytes
    ? { memoryBytes }
    : { memoryBytes, currentMemoryBytes }
}

function cpusOf(
  domain: XmlElement,
  need: Need,
): Pick<DescribedDomain, 'cpus' | 'maximumCpus' | 'cpuMode' | 'cpuModel'> {
  const vcpu = child(domain, 'vcpu')
  const count = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : need(wholeNumber(text) || undefined, 'its <vcpu> is no number of CPUs', vcpu)
  const maximumCpus = count(vcpu?.text, 1)
  const cpu = child(domain, 'cpu')
  const model = cpu && textOf(cpu, 'model')
  const mode = cpu?.attributes.mode ?? (model === undefined ? undefined : 'custom')
  return {
    cpus: count(vcpu?.attributes.current, maximumCpus),
    maximumCpus,
    ...(mode === undefined ? {} : { cpuMode: mode }),
    ...(model === undefined ? {} : { cpuModel: model }),
  }
}

function tpmOf(tpm: XmlElement | undefined): Pick<DescribedDomain, 'tpm'> {
  if (!tpm) return {}
  const { model } = tpm.attributes
  const { type: backend = '', version } = child(tpm, 'backend')?.attributes ?? {}
  return {
    tpm: { ...(model === undefined ? {} : { model }), backend, ...(version === undefined ? {} : { version }) },
  }
}

function watchdogOf(watchdog: XmlElement | undefined): Pick<DescribedDomain, 'watchdog'> {
  if (!watchdog) return {}
  const { model, action = 'reset' } = watchdog.attributes
  return { watchdog: { action, ...(model === undefined ? {} : { model }) } }
}

function controllerOf({ attributes: { type = '', index, model } }: XmlElement): DescribedDomain['controllers'][number] {
  const number = wholeNumber(index)
  return { type, ...(number === undefined ? {} : { index: number }), ...(model === undefined ? {} : { model }) }
}
