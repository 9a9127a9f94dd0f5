import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import type { Layer } from './layer.ts'
import type { MachineTarget } from './machine.ts'
import { outputDirectory } from './output-directory.ts'
import { fileNameOf } from './printable.ts'
import { resolveLibvirt } from './resolve-libvirt.ts'
import type { Paths } from './resolve-machine.ts'

/** What of a machine's surroundings decides where it goes. */
export interface Surroundings {
  readonly name: string
  readonly layers: readonly Layer[]
  readonly config: WorkspaceConfig
  readonly paths: Paths
}

/** Where the machine goes: a libvirt where its connection is one, or `libvirt_integration` asks for it; else a folder. */
export function resolveTarget(manifest: Manifest, at: Surroundings, issues: Issue[]): MachineTarget {
  const { connections = {}, defaults } = at.config
  const connection = manifest.target ?? defaults?.target
  const known = connectionOf(manifest, at.config)
  if (connection !== undefined && !known) {
    const names = Object.keys(connections).join(', ')
    issues.push({
      code: 'CONNECTION_UNKNOWN',
      path: manifest.target === undefined ? [] : ['target'],
      summary: `target "${connection}" is no connection of the workspace`,
      hint: names ? `there are: ${names}` : 'add it under connections in h2k.yaml',
    })
  }
  const path = manifest.target === undefined ? [] : ['target']
  if (known?.type === 'vsphere') {
    const summary = `target "${connection}" is a vSphere: machines come from there and do not go there`
    issues.push({ code: 'VALUE_INVALID', path, summary, hint: 'name another connection' })
  } else if (known?.type === 'https') {
    const summary = `target "${connection}" is a web server: machines come from there and do not go there`
    issues.push({ code: 'VALUE_INVALID', path, summary, hint: 'name another connection' })
  } else if (known?.type === 'scaleway') {
    const summary = `target "${connection}": this version has no Scaleway target yet`
    issues.push({ code: 'NOT_BUILT', path, summary, hint: 'name a connection of type files or libvirt' })
  }
  const directory = resolveDirectory(at)
  const domainType = known?.type === 'files' || known?.type === 'libvirt' ? known.domain_type : undefined
  if (!goesToLibvirt(manifest, at.config)) {
    return { kind: 'files', connection: connection ?? 'files', domainType: domainType ?? 'kvm', directory }
  }
  const uri = known?.type === 'libvirt' ? known.uri : undefined
  return resolveLibvirt(
    manifest,
    { connection: connection ?? 'libvirt', directory, ...(uri ? { uri } : {}), ...(domainType ? { domainType } : {}) },
    at,
    issues,
  )
}

type Connections = Pick<WorkspaceConfig, 'connections' | 'defaults'>

/** Whether the machine becomes a domain in a libvirt, and not a folder. */
export function goesToLibvirt(manifest: Manifest, config: Connections): boolean {
  return manifest.libvirt_integration?.enabled ?? connectionOf(manifest, config)?.type === 'libvirt'
}

function connectionOf({ target }: Manifest, { connections = {}, defaults }: Connections) {
  const name = target ?? defaults?.target
  return name !== undefined && Object.hasOwn(connections, name) ? connections[name] : undefined
}

// What many machines share is one folder, in which each has its own.
function resolveDirectory({ name, layers, paths }: Surroundings): string {
  const found = outputDirectory(layers)
  if (!found) return paths.fromWorkspace(`output/${fileNameOf(name)}`)
  const directory = paths.fromFile(found.file, found.directory)
  return found.shared ? paths.join(directory, fileNameOf(name)) : directory
}
