import type { DriftFinding } from '../../core/drift.ts'
import type { Artifact } from '../../core/record.ts'
import type { PoolObserver } from './pool-sight.ts'
import { storageOf } from './storage-removal.ts'
import type { Virsh } from './virsh.ts'

type Connect = (uri: string) => Virsh

/** Whether the volumes that are no files of this host are there; other paths are left out. What is in them is their machine's. */
export async function volumeDrift(
  paths: readonly string[],
  pools: PoolObserver,
  connect: Connect,
  signal: AbortSignal,
): Promise<readonly (DriftFinding & { readonly path: string })[]> {
  const found: (DriftFinding & { readonly path: string })[] = []
  for (const path of paths) {
    const thing = path.startsWith('/') ? undefined : storageOf({ path })
    if (thing?.volume === undefined) continue
    const about = { kind: 'disk', path, subject: `${thing.pool}/${thing.volume}` } as const
    const there = (await pools.look(connect(thing.uri), thing.pool, signal)).has(thing.volume)
    const missing = { status: 'Missing', detail: `is missing in ${thing.uri}` } as const
    found.push({ ...about, ...(there ? { status: 'Synced' } : missing) })
  }
  return found
}

/** Which of these artifacts are volumes that are there no more. */
export async function goneVolumes(
  artifacts: readonly Artifact[],
  pools: PoolObserver,
  connect: Connect,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const made = artifacts.filter(({ status }) => status === 'made').map(({ path }) => path)
  const findings = await volumeDrift(made, pools, connect, signal)
  return new Set(findings.filter(({ status }) => status === 'Missing').map(({ path }) => path))
}
