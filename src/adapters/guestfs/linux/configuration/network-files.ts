import { stringify } from 'yaml'
import type { RepairRequest } from '../../../../core/repair.ts'
import type { Edit, Repair } from '../repair.ts'
import { fieldsOf } from './accounts.ts'

/**
 * Files of the network as the manifest holds them. What stands in them may be secret, such as the key of a tunnel: nothing
 * of them is shown.
 */
export const configuredNetwork: Repair = {
  name: 'network-files',
  async detect({ tree, request }) {
    const edits: Edit[] = []
    const readers = Number(fieldsOf((await tree.read('/etc/group')) ?? '', 'systemd-network')?.[2] ?? Number.NaN)
    for (const { path, content, mode } of configuredFiles(request)) {
      if ((await tree.read(path)) === content) continue
      // Keys of tunnels stand in .netdev files, which networkd reads as a user of its own.
      const reader = path.endsWith('.netdev') && !Number.isNaN(readers)
      const access = reader ? { mode: 0o640, owner: { uid: 0, gid: readers } } : { mode }
      edits.push({ kind: 'write', path, content, ...access, secret: true, summary: 'as the manifest has it' })
    }
    return edits
  },
}

interface ConfiguredFile {
  readonly path: string
  readonly content: string
  readonly mode: number
}

/** The files that are the manifest's alone. */
export function configuredFiles({ configuration }: RepairRequest): readonly ConfiguredFile[] {
  const { systemd_networkd: units = [], netplan, interfaces } = configuration?.network ?? {}
  const files = units.map(({ filename, content }) => {
    // networkd reads them as a user of its own; keys stand in .netdev files.
    return { path: `/etc/systemd/network/${filename}`, content, mode: filename.endsWith('.netdev') ? 0o640 : 0o644 }
  })
  if (netplan !== undefined) {
    const content =
      typeof netplan === 'string' ? netplan : stringify('network' in netplan ? netplan : { network: netplan })
    // The last one wins where files say different things.
    files.push({ path: '/etc/netplan/99-h2k.yaml', content, mode: 0o600 })
  }
  if (interfaces !== undefined) files.push({ path: '/etc/network/interfaces', content: interfaces, mode: 0o644 })
  return files.map((file) => ({ ...file, content: file.content.endsWith('\n') ? file.content : `${file.content}\n` }))
}
