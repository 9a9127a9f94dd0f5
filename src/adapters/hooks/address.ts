import { BlockList, isIP } from 'node:net'

// Where this host, its link or its cloud's control plane answers: a hook that reaches them by a name or a redirect of
// somebody else's would act with this host's rights.
const denied = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  // Metadata services outside of the link-local range: Alibaba, Oracle, Azure.
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
] as const) {
  denied.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  // Metadata services: EC2, Scaleway.
  ['fd00:ec2::254', 128],
  ['fd00:42::42', 128],
] as const) {
  denied.addSubnet(network, prefix, 'ipv6')
}

/** Whether an IP address is one that a hook may reach only by leave. What is no address is denied. */
export function isDenied(address: string): boolean {
  const [bare = ''] = address.split('%')
  const family = isIP(bare)
  if (family === 4) return denied.check(bare, 'ipv4')
  if (family === 0) return true
  const inside = embedded(bare)
  return denied.check(bare, 'ipv6') || (inside !== undefined && isDenied(inside))
}

/**
 * The IPv4 address that an IPv6 address stands for: mapped (::ffff:0:0/96), compatible (::/96), translated
 * (64:ff9b::/96, RFC 6052; ::ffff:0:0:0/96, RFC 2765) or 6to4 (2002::/16, RFC 3056).
 */
function embedded(address: string): string | undefined {
  const groups = groupsOf(address)
  const [g0, g1, g2, g3, g4, g5, g6 = 0, g7 = 0] = groups
  if (g0 === 0x2002) return dotted(g1 ?? 0, g2 ?? 0)
  const head = [g0, g1, g2, g3, g4, g5].map((group) => group?.toString(16)).join(':')
  const known = ['0:0:0:0:0:ffff', '0:0:0:0:0:0', '64:ff9b:0:0:0:0', '0:0:0:0:ffff:0']
  return known.includes(head) ? dotted(g6, g7) : undefined
}

function groupsOf(address: string): readonly number[] {
  // The URL parser writes the dotted form of the last two groups as groups.
  const { hostname } = new URL(`http://[${address}]`)
  const [before = '', after] = hostname.slice(1, -1).split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [head, tail] = [groups(before), groups(after ?? '')]
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}
