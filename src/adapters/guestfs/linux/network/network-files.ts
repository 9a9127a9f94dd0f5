import type { GuestNetwork } from '../../../../core/inspection.ts'
import type { GuestTree } from '../../../../ports/guest-tree.ts'
import { physicalNames } from './follow.ts'

/** A file of the guest that names interfaces. */
export interface NetworkFile {
  readonly path: string
  readonly content: string
  /** Who reads it; `other` only refers to interfaces that others set up. */
  readonly system: GuestNetwork['system'] | 'other'
}

const places: readonly (readonly [NetworkFile['system'], readonly string[]])[] = [
  ['ifupdown', ['/etc/network/interfaces', '/etc/network/interfaces.d/*']],
  ['netplan', ['/etc/netplan/*.yaml', '/etc/netplan/*.yml']],
  [
    'networkmanager',
    [
      '/etc/NetworkManager/system-connections/*',
      '/etc/NetworkManager/NetworkManager.conf',
      '/etc/NetworkManager/conf.d/*.conf',
    ],
  ],
  ['networkd', ['network', 'netdev', 'link'].map((kind) => `/etc/systemd/network/*.${kind}`)],
  [
    'ifcfg',
    [
      ...['ifcfg', 'route', 'route6', 'rule', 'rule6', 'keys'].map(
        (kind) => `/etc/sysconfig/network-scripts/${kind}-*`,
      ),
      '/etc/sysconfig/network',
    ],
  ],
  ['wicked', ['ifcfg-*', 'ifroute-*', 'routes', 'config'].map((name) => `/etc/sysconfig/network/${name}`)],
  ['cloud-init', ['/etc/cloud/cloud.cfg.d/*.cfg', '/etc/cloud/cloud.cfg']],
  ['udev', ['/etc/udev/rules.d/*.rules']],
  [
    'other',
    [
      '/etc/firewalld/zones/*.xml',
      '/etc/iptables/rules.v4',
      '/etc/iptables/rules.v6',
      '/etc/sysconfig/iptables',
      '/etc/sysconfig/ip6tables',
      '/etc/nftables.conf',
      '/etc/nftables/*.nft',
      '/etc/sysconfig/nftables.conf',
      '/etc/ufw/*.rules',
      '/etc/sysconfig/SuSEfirewall2',
      '/etc/sysctl.conf',
      '/etc/sysctl.d/*.conf',
      '/etc/default/isc-dhcp-server',
      '/etc/keepalived/keepalived.conf',
      '/etc/dnsmasq.conf',
      '/etc/dnsmasq.d/*',
    ],
  ],
]

/** Each file once; links are left out, since what they lead to is another one's or among them. */
export async function networkFiles(tree: GuestTree): Promise<readonly NetworkFile[]> {
  const found: NetworkFile[] = []
  for (const [system, patterns] of places) {
    for (const pattern of patterns) {
      for (const path of pattern.includes('*') ? await tree.glob(pattern) : [pattern]) {
        // ifcfg-lo, and what package managers and editors left.
        if (/\.(?:rpmsave|rpmnew|rpmorig|dpkg-\w+|bak|orig)$|~$/.test(path) || /-lo$/.test(path)) continue
        const content = (await tree.kind(path)) === 'file' ? await tree.read(path) : undefined
        if (content !== undefined) found.push({ system, path, content })
      }
    }
  }
  return found
}

/** The interface that a file of the RHEL or SUSE kind has in its own name, such as `ens192.110`. */
export function nameInPath(path: string): { readonly prefix: string; readonly name: string } | undefined {
  const kinds = /^(\/etc\/sysconfig\/network(?:-scripts)?\/(?:ifcfg|route6?|rule6?|keys|ifroute)-)(.+)$/
  const [, prefix, name] = kinds.exec(path) ?? []
  return prefix === undefined || name === undefined ? undefined : { prefix, name }
}

/** The cards that files which set up interfaces name, each once. */
export function configuredNames(files: readonly NetworkFile[]): readonly string[] {
  const texts = files
    .filter(({ system }) => system !== 'other')
    .map(({ path, content }) => `${nameInPath(path)?.name ?? ''}\n${content}`)
  return [...new Set(texts.flatMap(physicalNames))]
}
