import { printable } from '../printable.ts'
import { child, type XmlElement } from '../xml.ts'

// What each machine of h2k has of it.
const anew: ReadonlyMap<string, string> = new Map([
  ['serial', 'serial pty'],
  ['console', 'console pty'],
  ['channel', 'channel org.qemu.guest_agent.0'],
  ['graphics', 'graphics vnc'],
  ['video', 'video vga'],
  ['memballoon', 'memballoon virtio'],
  ['rng', 'rng virtio'],
])
// A PC has them by itself, or libvirt makes them up beside a screen.
const ordinary = new Set(['input tablet', 'input mouse', 'input keyboard', 'audio none', 'audio spice'])
// Told elsewhere, each in its own way.
const told = new Set(['disk', 'interface', 'controller', 'tpm', 'watchdog', 'emulator'])
/** Devices whose loss changes nothing of what a server does; the loss of any other is a warning. */
const harmless = new Set('input audio sound hub panic parallel redirdev redirfilter'.split(' '))

/** What becomes of a domain's screen, ports and the like: each machine has its own, and the rest is left out. */
export function ownDevices(devices: readonly XmlElement[]): readonly string[] {
  const replaced = new Set<string>()
  const becomes: string[] = []
  const out: string[] = []
  for (const device of devices) {
    const { name: kind } = device
    const label = labelOf(device)
    const own = anew.get(kind)
    const first = !replaced.has(kind)
    // The console is the first serial port once more.
    if (ordinary.has(label) || (label === own && (first || kind === 'console'))) replaced.add(kind)
    else if (own !== undefined && first && kind !== 'channel') {
      replaced.add(kind)
      becomes.push(`${label} becomes ${own.slice(kind.length + 1)}`)
    } else if (own !== undefined || harmless.has(kind)) out.push(label)
  }
  return [
    ...(becomes.length > 0 ? [`made anew: ${becomes.join(', ')}`] : []),
    ...(out.length > 0 ? [`left out: ${counted(out).join(', ')}`] : []),
  ]
}

/** Whether what becomes of such devices is told here, or each in a way of its own. */
export function isTold(kind: string): boolean {
  return told.has(kind) || anew.has(kind) || harmless.has(kind)
}

function labelOf(device: XmlElement): string {
  const { type, model, name } = device.attributes
  const target = child(device, 'target')?.attributes
  const inner = device.name === 'video' ? child(device, 'model')?.attributes.type : undefined
  const word = device.name === 'channel' ? (target?.name ?? type) : (inner ?? model ?? type ?? name)
  const shared = device.name === 'graphics' && isOpen(device) ? ' on its own address' : ''
  return printable(`${device.name}${word === undefined ? '' : ` ${word}`}${shared}`)
}

// That of a machine of h2k is on any port of 127.0.0.1.
function isOpen({ attributes: { listen, autoport, port }, children }: XmlElement): boolean {
  const address = listen ?? children.find(({ name }) => name === 'listen')?.attributes.address
  const fixed = port !== undefined && port !== '-1' && autoport !== 'yes'
  return fixed || (address !== undefined && address !== '127.0.0.1')
}

function counted(labels: readonly string[]): readonly string[] {
  return [...Map.groupBy(labels, (label) => label)].map(([label, those]) => {
    return those.length === 1 ? label : `${label} (${those.length})`
  })
}
