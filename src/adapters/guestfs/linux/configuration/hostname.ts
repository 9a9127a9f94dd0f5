import { type Edit, type Repair, rewritten } from '../repair.ts'

/** The guest's own name, and lines of hosts(5). */
export const hostname: Repair = {
  name: 'hostname',
  async detect({ tree, linux, request }) {
    const { hostname: name, domain, hosts = [] } = request.configuration?.hostname ?? {}
    const own = name ?? (domain === undefined ? undefined : linux.hostname)
    const edits: Edit[] = []
    if (name !== undefined) {
      const before = (await tree.read('/etc/hostname')) ?? ''
      if (before.trim() !== name) edits.push(...rewritten('/etc/hostname', before, `${name}\n`, name))
      // RHEL 6 and SUSE 11 have it elsewhere.
      const network = await tree.read('/etc/sysconfig/network')
      if (network?.match(/^HOSTNAME=/m)) {
        const after = network.replace(/^HOSTNAME=.*$/m, `HOSTNAME=${name}`)
        edits.push(...rewritten('/etc/sysconfig/network', network, after, name))
      }
      edits.push(...(await keepFromCloudInit(tree)))
    }
    const lines = [
      ...(own === undefined
        ? []
        : [{ ip: '127.0.1.1', names: domain === undefined ? [own] : [`${own}.${domain}`, own] }]),
      ...hosts.map(({ ip, hostname: other }) => ({ ip, names: other.split(/ +/) })),
    ]
    const before = (await tree.read('/etc/hosts')) ?? '127.0.0.1 localhost\n'
    const after = lines.reduce((text, { ip, names }) => withHost(text, ip, names, ip === '127.0.1.1'), before)
    return [...edits, ...rewritten('/etc/hosts', before, after, lines.map(({ names }) => names[0]).join(', '))]
  },
}

type Tree = Parameters<Repair['detect']>[0]['tree']

// It would give the guest the name that its source of data knows.
async function keepFromCloudInit(tree: Tree): Promise<readonly Edit[]> {
  const path = '/etc/cloud/cloud.cfg.d/99-h2k-hostname.cfg'
  if ((await tree.kind('/etc/cloud/cloud.cfg')) === undefined || (await tree.kind(path)) !== undefined) return []
  return [{ kind: 'write', path, content: 'preserve_hostname: true\n', summary: 'cloud-init leaves the name alone' }]
}

/** hosts(5) with a name at an address. The line of the guest's own name is replaced; others only get what they lack. */
function withHost(text: string, ip: string, names: readonly string[], own: boolean): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const fields = lines.map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
  const index = fields.findIndex(([address]) => address === ip)
  const present = fields.filter(([address]) => address === ip).flatMap((words) => words.slice(1))
  if (own && index >= 0) {
    const same = fields[index]?.slice(1).join(' ') === names.join(' ')
    return same ? text : `${lines.with(index, `${ip}\t${names.join(' ')}`).join('\n')}\n`
  }
  if (names.every((name) => present.includes(name))) return text
  return `${[...lines, `${ip}\t${names.join(' ')}`].join('\n')}\n`
}
