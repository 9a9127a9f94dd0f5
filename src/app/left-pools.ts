import type { Artifact } from '../core/record.ts'
import { isShared } from '../core/removal.ts'
import type { StateStore } from '../ports/state.ts'

/**
 * Pools of the libvirts that a machine has something in, whose own machines are forgotten: the last one that leaves takes
 * them away.
 */
export function leftPools(machine: string, state: Pick<StateStore, 'artifacts' | 'machines'>): readonly Artifact[] {
  const libvirts = new Set(state.artifacts(machine).flatMap(({ path }) => libvirtOf(path)))
  if (libvirts.size === 0) return []
  const known = state.machines()
  return [...state.machines({ forgotten: true }).keys()]
    .filter((name) => !known.has(name))
    .flatMap((name) => state.artifacts(name))
    .filter((artifact) => isShared(artifact) && libvirtOf(artifact.path).some((uri) => libvirts.has(uri)))
}

// Files have no address.
function libvirtOf(path: string): readonly string[] {
  return path.startsWith('/') ? [] : path.split('#').slice(0, 1)
}
