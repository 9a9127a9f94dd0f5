import type { DriftFinding } from '../../core/drift.ts'
import type { Artifact } from '../../core/record.ts'
import { lookAt } from './describe-volume.ts'
import type { PoolObserver } from './pool-sight.ts'
import { storageOf } from './storage-removal.ts'
import type { Virsh } from './virsh.ts'

type Connect = (uri: string) => Virsh

/**
 * Whether the volumes that are no files of this host are there, those of Ceph with the size that they had; other paths are left
 * out. What is in them is their machine's, and so is what somebody did with their size: no apply touches it.
 */
export async function volumeDrift(
  places: readonly { readonly path: string; readonly bytes?: number }[],
  pools: PoolObserver,
  connect: Connect,
  signal: AbortSignal,
): Promise<readonly (DriftFinding & { readonly path: string })[]> {
  const found: (DriftFinding & { readonly path: string })[] = []
  for (const { path, bytes } of places) {
    const thing = path.startsWith('/') ? undefined : storageOf({ path })
    if (thing?.volume === undefined) continue
    const about = { kind: 'disk', path, subject: `${thing.pool}/${thing.volume}` } as const
    const virsh = connect(thing.uri)
    const { pool, has } = await pools.look(virsh, thing.pool, signal)
    if (!has(thing.volume)) {
      found.push({ ...about, status: 'Missing', detail: `is missing in ${thing.uri}` })
      continue
    }
    const sized = pool?.kind === 'network' && bytes !== undefined
    const now = sized ? (await lookAt(virsh, pool.name, thing.volume, path, signal)).bytes : bytes
    const detail = `has ${now} bytes, recorded ${bytes}`
    found.push({ ...about, ...(now === bytes ? { status: 'Synced' } : { status: 'OutOfSync', detail, live: true }) })
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
  const made = artifacts.filter(({ status }) => status === 'made')
  const findings = await volumeDrift(
    made.map(({ path }) => ({ path })),
    pools,
    connect,
    signal,
  )
  return new Set(findings.filter(({ status }) => status === 'Missing').map(({ path }) => path))
}
