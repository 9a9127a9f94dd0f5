import { configuredFiles } from '../configuration/network-files.ts'
import type { Edit, Guest, Repair } from '../repair.ts'
import { cloudInitNetwork } from './cloud-init-network.ts'
import { dhcp } from './dhcp.ts'
import { type Interfaces, interfacesOf } from './interfaces.ts'
import { type NetworkFile, nameInPath, networkFiles } from './network-files.ts'
import { usesOldNames } from './old-names.ts'
import { describeFollow, rewriteFile } from './rewrite-file.ts'

/** The network of the guest comes up on the target: its files follow the names and MACs of the NICs there. */
export const network: Repair = {
  name: 'network',
  async detect(guest) {
    const { networkMode, nics } = guest.request
    if (networkMode === 'keep' || nics.length === 0) return []
    const own = new Set(configuredFiles(guest.request).map(({ path }) => path))
    const files = (await networkFiles(guest.tree)).filter(({ path }) => !own.has(path))
    const oldNames = await usesOldNames(guest, files)
    if (networkMode === 'dhcp') return dhcp(guest, files, oldNames)
    const to = interfacesOf(files, guest.linux.network, nics, oldNames)
    const edits = await Promise.all(files.map((file) => editOf(guest, file, to)))
    return [...edits.flat(), ...(await pins(guest, to)), ...(await cloudInitNetwork(guest, files)), ...left(to)]
  },
}

async function editOf({ tree }: Guest, file: NetworkFile, to: Interfaces): Promise<readonly Edit[]> {
  const { path, content } = file
  const after = rewriteFile(file, to)
  if (after === undefined) {
    return [{ kind: 'leave', subject: path, summary: 'it is no YAML that can be read', severity: 'warning' }]
  }
  const { prefix, name = '' } = nameInPath(path) ?? {}
  const [base = ''] = name.split(/[.:]/)
  const next = to.names.get(base)
  const summary = describeFollow(to, content + name)
  if (prefix !== undefined && next !== undefined) {
    const target = prefix + next + name.slice(base.length)
    if ((await tree.kind(target)) === undefined) return [{ kind: 'move', path, to: target, content: after, summary }]
    return [{ kind: 'leave', subject: path, summary: `${target} is there already`, severity: 'warning' }]
  }
  return after === content ? [] : [{ kind: 'write', path, content: after, summary }]
}

/**
 * Rules of systemd.link(5) that say the names once more, by MAC: so they are the same where another hypervisor, or another
 * definition of the machine, plugs the cards in elsewhere.
 */
async function pins({ tree, linux }: Guest, { pinned }: Interfaces): Promise<readonly Edit[]> {
  const edits: Edit[] = []
  for (const { name, mac } of linux.init === 'systemd' ? pinned : []) {
    const path = `/etc/systemd/network/10-h2k-${name}.link`
    const content = `[Match]\nMACAddress=${mac}\n\n[Link]\nName=${name}\n`
    if ((await tree.read(path)) === content) continue
    edits.push({ kind: 'write', path, content, summary: `${mac} is ${name}, wherever it is plugged in` })
  }
  return edits
}

function left({ unmatched }: Interfaces): readonly Edit[] {
  return unmatched.map((name) => {
    const summary = 'the target has no NIC for it: its files stay as they are'
    return { kind: 'leave', subject: `interface ${name}`, summary, severity: 'warning' }
  })
}
