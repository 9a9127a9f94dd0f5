import { posix } from 'node:path'
import type { DescribedMachine } from '../../src/core/described.ts'
import { type Manifest, manifestSchema } from '../../src/core/language/manifest.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import type { WorkspaceConfig } from '../../src/core/language/workspace.ts'
import type { Machine } from '../../src/core/machine.ts'
import { type Desired, machineName, type Paths, resolveMachine, sourceOf } from '../../src/core/resolve-machine.ts'

/** A workspace at /ws with its manifests in /ws/manifests. */
export const paths: Paths = {
  fromManifest: (path) => posix.resolve('/ws/manifests', path),
  fromWorkspace: (path) => posix.resolve('/ws', path),
  join: (folder, name) => posix.join(folder, name),
  fromFile: (file, path) => posix.resolve('/ws', posix.dirname(file), path),
}

export const config: WorkspaceConfig = {
  h2k_version: 1,
  name: 'test',
  connections: { kvm1: { type: 'files', domain_type: 'qemu' } },
}

export function manifest(yaml: string): Manifest {
  return readAs(manifestSchema, new TextEncoder().encode(`manifest_version: "1.0"\n${yaml}`), 'manifests/web.yaml')
}

/** A machine of which only its manifest says anything. */
export function desiredOf(name: string, content: Manifest, file = 'manifests/web.yaml'): Desired {
  const layer = { origin: { kind: 'manifest', name: 'manifest', file, path: [] }, value: { ...content } } as const
  return { name, file, manifest: content, layers: [layer], priority: 0 }
}

/** Two disks and one NIC, as VMware would export them. */
export const described: DescribedMachine = {
  name: 'web01',
  cpu: 2,
  memoryMib: 2048,
  firmware: 'bios',
  osId: 'debian12_64Guest',
  disks: [
    { id: 'disk1', label: 'Hard disk 1', file: 'web-disk1.vmdk', virtualBytes: 1 << 30, format: 'vmdk', bus: 'scsi' },
    { id: 'disk2', file: 'web-disk2.vmdk', virtualBytes: 1 << 20, format: 'vmdk', bus: 'sata' },
  ],
  nics: [{ id: 'nic0', network: 'VM Network', mac: '00:50:56:aa:bb:01', model: 'vmxnet3' }],
  warnings: [],
}

export type Resolved =
  | { readonly machine: Machine; readonly issues?: undefined }
  | { readonly issues: readonly string[]; readonly machine?: undefined }

/** Resolves a manifest's text; issues read `code at.its.path: summary`. */
export function resolve(
  yaml: string,
  source?: DescribedMachine,
  workspace: WorkspaceConfig = config,
  file = 'manifests/web.yaml',
): Resolved {
  const desired = manifest(yaml)
  const from = sourceOf(desired, paths)
  if ('code' in from) return { issues: [`${from.code} ${from.path.join('.')}: ${from.summary}`] }
  const name = machineName(desired.source.vm_name, file)
  const resolved = resolveMachine(desiredOf(name, desired, file), from, source, workspace, paths)
  if ('machine' in resolved) return resolved
  return { issues: resolved.issues.map(({ code, path, summary }) => `${code} ${path.join('.')}: ${summary}`) }
}

/** The machine; fails with its issues when there is none. */
export function machineOf(...args: Parameters<typeof resolve>): Machine {
  const { machine, issues } = resolve(...args)
  if (machine) return machine
  throw new Error(`refused: ${issues.join('; ')}`)
}

export const local = `source: {provider: local, vm_name: web01}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: raw, bytes: 1048576, local_path: boot.raw}]
`
export const ova = `source: {provider: ova, path: web.ova}
network_mapping: {source_networks: {VM Network: br0}}
`
