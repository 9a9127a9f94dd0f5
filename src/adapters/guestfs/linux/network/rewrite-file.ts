import { type Follow, followText, followWords } from './follow.ts'
import type { Interfaces } from './interfaces.ts'
import type { NetworkFile } from './network-files.ts'
import { rewriteYaml } from './yaml-words.ts'

/** A file with the new names and MACs; undefined when it cannot be understood. */
export function rewriteFile({ path, system, content }: NetworkFile, to: Interfaces): string | undefined {
  switch (system) {
    case 'netplan':
      return rewriteYaml(content, (words, key) => {
        return key === 'driver' ? words.replace(/\bvmxnet3\b/, 'virtio_net') : followWords(words, to)
      })
    case 'cloud-init':
      // Nothing but a block `network` is about interfaces.
      return /^network:/m.test(content) ? rewriteYaml(content, (words) => followWords(words, to)) : content
    case 'udev':
      return content.replace(/^(?!\s*#).*$/gm, (line) => rule(line, to))
    case 'networkd':
      return followText(path.endsWith('.link') ? link(content, to) : unit(content), to)
    default:
      return followText(content, to)
  }
}

/** A line of udev(7): what it gives a name by its driver or its place on VMware's bus, it gives it by its MAC. */
function rule(line: string, { located, macs }: Interfaces): string {
  const name = /(?<![\w{}])NAME:?="([^"]+)"/.exec(line)?.[1]
  if (name === undefined || !/SUBSYSTEM=="net"|\{address\}|KERNEL=="(?:eth|en)/.test(line)) return line
  const followed = followWords(line, { names: new Map(), macs })
  const mac = located.get(name)
  const place = /\b(?:KERNELS|ENV\{ID_PATH\}|DEVPATH)=="[^"]*"/
  const placed = /\{address\}/.test(followed)
    ? followed.replace(new RegExp(`${place.source},?\\s*`), '')
    : mac === undefined
      ? followed
      : followed.replace(place, `ATTR{address}=="${mac}"`)
  return placed.replace(/\b(DRIVERS|ENV\{ID_NET_DRIVER\})=="(?:vmxnet3|e1000e?)"/, '$1=="?*"')
}

// systemd.link(5)
function link(text: string, { located }: Interfaces): string {
  const name = /^\s*Name\s*=\s*(\S+)/m.exec(text.slice(text.indexOf('[Link]')))?.[1] ?? ''
  const mac = located.get(name)
  const bus = /^\s*Path\s*=.*$/m
  return unit(
    /^\s*(?:Permanent)?MACAddress\s*=/m.test(text) || mac === undefined ? text : text.replace(bus, `MACAddress=${mac}`),
  )
}

// systemd.network(5)
function unit(text: string): string {
  const found = /^\s*(?:Name|(?:Permanent)?MACAddress)\s*=/m.test(text.split(/^\[(?!Match)/m)[0] ?? '')
  const placeless = found ? text.replace(/^\s*Path\s*=\s*pci-.*\n/m, '') : text
  return placeless.replace(/^([ \t]*Driver[ \t]*=[ \t]*)vmxnet3[ \t]*$/m, '$1virtio_net')
}

/** What changed, in a line. */
export function describeFollow({ names, macs }: Follow, before: string): string {
  const pairs = [...names, ...macs].filter(
    ([old]) => before.toLowerCase().includes(old) || before.toLowerCase().includes(old.replaceAll(':', '-')),
  )
  return pairs.map(([old, next]) => `${old} -> ${next}`).join(', ') || 'no longer by VMware’s driver or bus'
}
