import { suspension } from '../core/suspension.ts'
import { loadWorkspace } from './load-workspace.ts'
import type { Session } from './session.ts'

/**
 * The machines that git leaves as they are, with how a plan says so. A manifest that cannot be read suspends nothing: `h2k
 * validate` tells what is wrong with it.
 */
export async function suspendedMachines({
  config,
  files,
  cache,
  version,
  clock,
}: Pick<Session, 'config' | 'files' | 'cache' | 'version' | 'clock'>): Promise<ReadonlyMap<string, string>> {
  const { machines } = await loadWorkspace(config, files, cache, version)
  return new Map(
    machines.flatMap(({ name, manifest }) => {
      const held = suspension(manifest, clock.now())
      return held ? [[name, held.why]] : []
    }),
  )
}
