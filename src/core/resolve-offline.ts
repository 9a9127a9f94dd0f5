import type { DescribedMachine } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import { type Desired, type Paths, resolveMachine, sourceOf } from './resolve-machine.ts'

/** What is wrong with a machine as far as git alone can tell: its source is not asked. */
export function offlineIssues(desired: Desired, config: WorkspaceConfig, paths: Paths): readonly Issue[] {
  const resolved = resolveOffline(desired, config, paths)
  return 'issues' in resolved ? resolved.issues : []
}

/** The machine as far as git alone tells, with the issues there are instead: without what only its source knows. */
export function resolveOffline(
  desired: Desired,
  config: WorkspaceConfig,
  paths: Paths,
): ReturnType<typeof resolveMachine> {
  const source = sourceOf(desired.manifest, paths)
  if ('code' in source) return { issues: [source] }
  const described = source.provider === 'local' ? undefined : agreeable(desired.manifest)
  return resolveMachine(desired, source, described, config, paths)
}

/** A source that has whatever the manifest names, and nothing that could be wrong. */
function agreeable({ disks }: Manifest): DescribedMachine {
  const listed = disks?.map(({ id, local_path, bytes, source_format }) => {
    return { id, file: local_path, virtualBytes: bytes, format: source_format, bus: 'scsi' as const }
  })
  const unknown = { id: 'disk', file: 'disk.vmdk', virtualBytes: 1, format: 'vmdk', bus: 'scsi' } as const
  return { cpu: 1, memoryMib: 1024, firmware: 'uefi', disks: listed ?? [unknown], nics: [], warnings: [] }
}
