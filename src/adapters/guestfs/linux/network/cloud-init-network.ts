import type { Edit, Guest } from '../repair.ts'
import type { NetworkFile } from './network-files.ts'

const rendered = /50-cloud-init|\/cloud-init-|10-cloud-init-/
const path = '/etc/cloud/cloud.cfg.d/99-h2k-network.cfg'

/**
 * Keeps cloud-init from writing the network anew: on the target it finds another source of data, or none, takes the
 * machine for a new one, and would replace what VMware's source once said by DHCP on the first NIC.
 */
export async function cloudInitNetwork({ tree }: Guest, files: readonly NetworkFile[]): Promise<readonly Edit[]> {
  const written = files.filter((file) => rendered.test(file.path) || /^# Created by cloud-init/m.test(file.content))
  const settings = files.filter(({ system }) => system === 'cloud-init')
  // A configuration of its own, or that there is none, holds on every platform.
  const decided = settings.some(({ content }) => /^network:/m.test(content))
  if (written.length === 0 || settings.length === 0 || decided || (await tree.kind(path)) !== undefined) return []
  const content = '# cloud-init once wrote the network; it stays as it is.\nnetwork: {config: disabled}\n'
  return [
    { kind: 'write', path, content, summary: `cloud-init leaves ${written.map((file) => file.path).join(', ')} alone` },
  ]
}
