import type { Edit, Guest, WriteEdit } from '../repair.ts'
import type { NetworkFile } from './network-files.ts'

type System = 'netplan' | 'networkmanager' | 'ifcfg' | 'wicked' | 'ifupdown' | 'networkd'

// What writes the files of the others comes before them.
const systems: readonly System[] = ['netplan', 'wicked', 'ifcfg', 'networkmanager', 'ifupdown', 'networkd']

/**
 * Every NIC asks for its address: the files that configured interfaces go, and one for each system that the guest uses takes
 * their place. What matches any card needs no names; the others are given them.
 */
export async function dhcp(
  { tree, request }: Guest,
  files: readonly NetworkFile[],
  oldNames: boolean,
): Promise<readonly Edit[]> {
  const names = request.nics.map(({ predictedName }, index) => (oldNames ? `eth${index}` : predictedName))
  const system = await systemOf(files, tree)
  if (system === undefined) {
    const summary = 'it is not known what configures the network'
    return [{ kind: 'leave', subject: 'network', summary, severity: 'warning' }]
  }
  const known = names.filter((name) => name !== undefined)
  if (known.length < names.length && ['ifupdown', 'ifcfg', 'wicked'].includes(system)) {
    const summary = `only the target knows what its NICs are called, and ${system} needs to know`
    return [{ kind: 'leave', subject: 'network', summary, severity: 'warning' }]
  }
  const wanted = filesFor(system, known, names.length > 1)
  const gone = files.filter(({ path, system: reader }) => {
    return isConfiguration(path) && reader !== 'other' && !wanted.some((file) => file.path === path)
  })
  const changed = wanted.filter(({ path, content }) => files.find((file) => file.path === path)?.content !== content)
  return [
    ...gone.map(({ path }): Edit => {
      const edit = { kind: 'remove', path, summary: 'DHCP takes its place' } as const
      // initramfs-tools puts the rules that give names in its images, where they would go on giving them.
      return givesNames(path) ? { ...edit, inInitramfs: true } : edit
    }),
    ...changed,
  ]
}

async function systemOf(files: readonly NetworkFile[], tree: Guest['tree']): Promise<System | undefined> {
  const used = systems.find((system) => files.some((file) => file.system === system && isConfiguration(file.path)))
  if (used !== undefined) return used
  const programs: readonly (readonly [System, string])[] = [
    ['netplan', '/usr/sbin/netplan'],
    ['wicked', '/usr/sbin/wicked'],
    ['networkmanager', '/usr/sbin/NetworkManager'],
    ['ifupdown', '/sbin/ifup'],
    ['networkd', '/lib/systemd/systemd-networkd'],
  ]
  for (const [system, path] of programs) if ((await tree.kind(path)) !== undefined) return system
  return undefined
}

/** Whether a file sets up interfaces, or gives them names: the rest of a system's files stays. */
function isConfiguration(path: string): boolean {
  return (
    /^\/etc\/(?:netplan|network\/interfaces|NetworkManager\/system-connections|systemd\/network)/.test(path) ||
    /^\/etc\/sysconfig\/network(?:-scripts)?\/(?:ifcfg|route6?|rule6?|ifroute)-/.test(path) ||
    givesNames(path)
  )
}

function givesNames(path: string): boolean {
  return /^\/etc\/(?:udev\/rules\.d\/.*persistent-net|systemd\/network\/.*\.link$)/.test(path)
}

function filesFor(system: System, names: readonly string[], several: boolean): readonly WriteEdit[] {
  const file = (path: string, content: string, mode?: number): WriteEdit => {
    return { kind: 'write', path, content, summary: 'DHCP on every NIC', ...(mode === undefined ? {} : { mode }) }
  }
  switch (system) {
    case 'netplan':
      return [
        file(
          '/etc/netplan/01-h2k-dhcp.yaml',
          // Else the guest would wait for an address on each of them before it goes on.
          `network:\n  version: 2\n  ethernets:\n    any:\n      match: {name: "e*"}\n      dhcp4: true\n${several ? '      optional: true\n' : ''}`,
          0o600,
        ),
      ]
    case 'networkmanager':
      return [
        file(
          '/etc/NetworkManager/system-connections/h2k-dhcp.nmconnection',
          '[connection]\nid=h2k-dhcp\ntype=ethernet\nmulti-connect=3\n\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n',
          0o600,
        ),
      ]
    case 'networkd':
      return [file('/etc/systemd/network/10-h2k-dhcp.network', '[Match]\nName=e*\n\n[Network]\nDHCP=yes\n')]
    case 'ifupdown': {
      const stanzas = names.map((name) => `\nauto ${name}\niface ${name} inet dhcp\n`).join('')
      return [file('/etc/network/interfaces', `auto lo\niface lo inet loopback\n${stanzas}`)]
    }
    case 'ifcfg':
      return names.map((name) =>
        file(
          `/etc/sysconfig/network-scripts/ifcfg-${name}`,
          `DEVICE=${name}\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=dhcp\n`,
        ),
      )
    case 'wicked':
      return names.map((name) => file(`/etc/sysconfig/network/ifcfg-${name}`, "STARTMODE='auto'\nBOOTPROTO='dhcp'\n"))
  }
}
