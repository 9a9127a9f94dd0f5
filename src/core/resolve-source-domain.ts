import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import { libvirtUri } from './libvirt-uri.ts'
import type { MachineTarget } from './machine.ts'
import { type SourceDomain, switchesOff } from './source-domain.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The domain that a machine comes from, where git names its connection, and what git may not ask of it. */
export function resolveSourceDomain(
  name: string,
  { source, disks = [], cutover = {} }: Manifest,
  { connections = {} }: Pick<WorkspaceConfig, 'connections'>,
  target: MachineTarget,
  issues: Issue[],
): SourceDomain | undefined {
  const { provider, connection, vm_id: id, vm_name: vmName = name } = source
  const action = cutover.source_action ?? 'none'
  if (provider !== 'libvirt' || connection === undefined) {
    if (action !== 'none') issues.push(nothingToSwitchOff(action))
    return undefined
  }
  const known = Object.hasOwn(connections, connection) ? connections[connection] : undefined
  if (known?.type !== 'libvirt') {
    const names = Object.entries(connections).filter(([, { type }]) => type === 'libvirt')
    issues.push({
      code: 'CONNECTION_UNKNOWN',
      path: ['source', 'connection'],
      summary: `source.connection "${connection}" is no connection of type libvirt`,
      hint: names.length > 0 ? `there are: ${names.map(([one]) => one).join(', ')}` : 'add it to h2k.yaml',
    })
    return undefined
  }
  const written = known.uri ?? 'qemu:///system'
  const uri = libvirtUri(written)?.uri ?? written
  if (target.kind === 'libvirt' && target.uri === uri && target.domain === vmName) {
    issues.push({
      code: 'VALUE_INVALID',
      path: ['source', 'connection'],
      summary: `the domain ${vmName} of ${uri} would be source and target at once`,
      hint: 'libvirt_integration: {vm_name: …} for another name',
    })
  }
  for (const [index, disk] of (switchesOff({ action }) ? disks : []).entries()) {
    if (typeof disk.checksum === 'string') issues.push(checksumOfLiving(index, action))
  }
  const byId = id !== undefined && uuid.test(id) ? { uuid: id.toLowerCase() } : {}
  return { connection, uri, name: vmName, ...byId, action }
}

function checksumOfLiving(index: number, action: string): Issue {
  return {
    code: 'VALUE_INVALID',
    path: ['disks', index, 'checksum'],
    summary: `checksum: with cutover.source_action: ${action} the source goes on writing, and is copied again`,
    hint: 'remove the checksum',
  }
}

function nothingToSwitchOff(action: string): Issue {
  return {
    code: 'VALUE_INVALID',
    path: ['cutover', 'source_action'],
    summary: `cutover.source_action: ${action} needs a source that is a domain in a libvirt`,
    hint: 'source: {provider: libvirt, connection: …}, or remove it and switch the source off yourself',
  }
}
