import { stringify } from 'yaml'
import { fingerprint } from '../../../../core/fingerprint.ts'
import type { Edit, Repair } from '../repair.ts'

const seed = '/var/lib/cloud/seed/nocloud'
const sources = '/etc/cloud/cloud.cfg.d/99-h2k-datasource.cfg'

/**
 * The manifest's cloud-config as a seed of the data source NoCloud: cloud-init takes it at the first boot, once, for what it
 * takes to be a new machine. It may hold passwords, so nothing of it is shown.
 */
export const cloudInit: Repair = {
  name: 'cloud-init',
  async detect({ tree, request, linux }) {
    const config = request.configuration?.cloud_init
    if (config === undefined) return []
    const settings = await tree.glob('/etc/cloud/cloud.cfg*')
    if (settings.length === 0) {
      const summary = 'configuration.cloud_init has no effect: the guest has no cloud-init'
      return [{ kind: 'leave', subject: 'cloud-init', summary, severity: 'warning' }]
    }
    const name = request.configuration?.hostname?.hostname ?? linux.hostname
    const userData = `#cloud-config\n${stringify(config)}`
    // Another content is another machine to cloud-init, so that it takes it.
    const metaData = stringify({
      'instance-id': `h2k-${fingerprint({ ...config }).slice(0, 16)}`,
      ...(name === undefined ? {} : { 'local-hostname': name }),
    })
    const files = [
      { path: `${seed}/meta-data`, content: metaData, mode: 0o600 },
      { path: `${seed}/user-data`, content: userData, mode: 0o600 },
      { path: sources, content: 'datasource_list: [NoCloud, None]\n', mode: 0o644 },
    ]
    const edits: Edit[] = []
    for (const { path, content, mode } of files) {
      if ((await tree.read(path)) === content) continue
      edits.push({ kind: 'write', path, content, mode, secret: true, summary: 'as the manifest has it' })
    }
    return edits
  },
}
