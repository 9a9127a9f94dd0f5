import type { GuestNetwork } from '../../../core/inspection.ts'
import { parseYaml } from '../../../core/language/parse-yaml.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import { readAssignments } from './distribution.ts'

type System = GuestNetwork['system']
type Interface = GuestNetwork['interfaces'][number]
type Named = Omit<Interface, 'file'>

/** Where each system keeps its files, and what their names and content say of interfaces. */
const systems: readonly (readonly [System, readonly string[], (text: string, file: string) => readonly Named[]])[] = [
  ['ifupdown', ['/etc/network/interfaces', '/etc/network/interfaces.d/*'], ifupdown],
  ['netplan', ['/etc/netplan/*.yaml', '/etc/netplan/*.yml'], netplan],
  ['networkmanager', ['/etc/NetworkManager/system-connections/*'], keyfile],
  ['networkd', ['/etc/systemd/network/*.network', '/etc/systemd/network/*.link'], networkd],
  ['ifcfg', ['/etc/sysconfig/network-scripts/ifcfg-*'], ifcfg],
  ['wicked', ['/etc/sysconfig/network/ifcfg-*'], ifcfg],
  ['cloud-init', ['/etc/cloud/cloud.cfg.d/*network*.cfg', '/etc/cloud/cloud.cfg'], cloudInit],
  ['udev', ['/etc/udev/rules.d/*net*.rules'], udev],
]

/** Every system that configures the network, with the interfaces that its files name; loopback is none. */
export async function readNetwork(tree: GuestTree): Promise<readonly GuestNetwork[]> {
  const found = await Promise.all(
    systems.map(async ([system, patterns, read]): Promise<GuestNetwork | undefined> => {
      const files = (await Promise.all(patterns.map((pattern) => tree.glob(pattern)))).flat()
      const texts = await Promise.all(files.map(async (file) => ({ file, text: await tree.read(file) })))
      const present = texts.filter(({ text }) => text !== undefined)
      const interfaces = present.flatMap(({ file, text = '' }) => read(text, file).map((one) => ({ file, ...one })))
      return present.length === 0 ? undefined : { system, interfaces: interfaces.filter(({ name }) => name !== 'lo') }
    }),
  )
  return found.filter((network) => network !== undefined)
}

function named(name: string | undefined, mac?: string): Named[] {
  const address = mac?.toLowerCase().replaceAll('-', ':')
  const known = address !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address)
  if (!name && !known) return []
  return [{ ...(name ? { name } : {}), ...(known ? { mac: address } : {}) }]
}

// interfaces(5)
function ifupdown(text: string): Named[] {
  const stanzas = text.split(/^(?=\s*(?:iface|auto|allow-\S+|source\S*|mapping)\s)/m)
  return stanzas.flatMap((stanza) => {
    const name = stanza.match(/^\s*iface\s+(\S+)/)?.[1]
    return name === undefined ? [] : named(name, stanza.match(/^\s*hwaddress\s+(?:ether\s+)?(\S+)/m)?.[1])
  })
}

function netplan(text: string): Named[] {
  return ethernets(asMap(yaml(text).network))
}

// Version 2 of cloud-init's network configuration is netplan's; version 1 is a list.
function cloudInit(text: string): Named[] {
  const network = asMap(yaml(text).network)
  const config = Array.isArray(network.config) ? network.config.map(asMap) : []
  return [...ethernets(network), ...config.flatMap(({ name, mac_address: mac }) => named(textOf(name), textOf(mac)))]
}

function ethernets(network: Readonly<Record<string, unknown>>): Named[] {
  return Object.entries(asMap(network.ethernets)).flatMap(([id, value]) => {
    const { match, 'set-name': setName } = asMap(value)
    const { macaddress, name } = asMap(match)
    return named(textOf(setName) ?? textOf(name) ?? (match === undefined ? id : undefined), textOf(macaddress))
  })
}

// nm-settings-keyfile(5)
function keyfile(text: string): Named[] {
  const value = (key: string) => text.match(new RegExp(`^\\s*${key}\\s*=\\s*(\\S+)`, 'm'))?.[1]
  return named(value('interface-name'), value('mac-address'))
}

// systemd.network(5), systemd.link(5)
function networkd(text: string): Named[] {
  const match = text.match(/^\[Match\]$([\s\S]*?)(?=^\[|$(?![\s\S]))/m)?.[1] ?? ''
  const value = (key: string, from: string) => from.match(new RegExp(`^\\s*${key}\\s*=\\s*(\\S+)`, 'm'))?.[1]
  const given = value('Name', text.match(/^\[Link\]$([\s\S]*?)(?=^\[|$(?![\s\S]))/m)?.[1] ?? '')
  return named(given ?? value('(?:Original)?Name', match), value('(?:Permanent)?MACAddress', match))
}

function ifcfg(text: string, file: string): Named[] {
  const fields = readAssignments(text)
  const name = fields.get('DEVICE') ?? file.match(/ifcfg-(.+)$/)?.[1]
  return named(name, fields.get('HWADDR') ?? fields.get('LLADDR'))
}

// 70-persistent-net.rules, and what people write after it.
function udev(text: string): Named[] {
  return text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#') && /SUBSYSTEM=="net"|ATTR\{address\}/.test(line))
    .flatMap((line) => named(line.match(/NAME="([^"]+)"/)?.[1], line.match(/ATTRS?\{address\}=="([^"]+)"/)?.[1]))
}

// What is no YAML names no interface; the guest's own program could not read it either.
function yaml(text: string): Readonly<Record<string, unknown>> {
  const parsed = parseYaml(text)
  return 'value' in parsed ? asMap(parsed.value) : {}
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
