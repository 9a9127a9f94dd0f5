import { join } from 'node:path'
import { libvirtUri } from '../../core/libvirt-uri.ts'
import { eachOnce, type Problem, problemsOf } from '../../core/problem.ts'
import type { PoolPlace, Prospect, PublishDomain } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import type { Observed } from './observe.ts'
import { findPlace } from './ours.ts'
import { poolInFile } from './pool-file.ts'
import { refuseUnfitPool } from './pool-kind.ts'
import type { PoolObserver, PoolSight } from './pool-sight.ts'
import { poolId } from './pools.ts'
import type { Virsh } from './virsh.ts'
import { placeInPool, takenVolume } from './volumes.ts'

/** What is in the way of a machine in libvirt, and where its volumes will be. */
export async function foresee(
  virsh: Virsh,
  input: PublishDomain,
  domains: Observed,
  pools: PoolObserver,
  work: Pick<Work, 'signal' | 'owned'>,
): Promise<Prospect> {
  const problems: Problem[] = []
  const attempt = async <T>(look: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await look()
    } catch (error) {
      const known = problemsOf(error)
      if (!known || known.some(({ code }) => code === 'TARGET_UNREACHABLE')) throw error
      problems.push(...known)
      return undefined
    }
  }
  if (input.libvirt.define) await attempt(() => findPlace(domains, input, work))
  const places = new Map<string, PoolPlace>()
  const sights = new Map<string, PoolSight | undefined>()
  const { poolXml } = input.libvirt
  for (const { id, place, to } of input.disks) {
    if (place.kind !== 'pool') continue
    if (!sights.has(place.pool)) {
      // What a run that was stopped began is finished first.
      const begun = work.owned(poolId(virsh.uri, place.pool))?.status === 'intended'
      sights.set(place.pool, begun ? undefined : await attempt(() => pools.look(virsh, place.pool, work.signal)))
    }
    const sight = sights.get(place.pool)
    await attempt(() => {
      const pool = sight?.pool ?? (poolXml === undefined ? undefined : poolInFile(poolXml, place.pool))
      if (pool) refuseUnfitPool(pool, { format: to.format, volume: place.volume }, input.libvirt)
    })
    const found = sight && placeFor(virsh.uri, sight, place.volume, input)
    if (!found) continue
    places.set(id, found)
    const { snapshot } = input.libvirt
    if (snapshot !== undefined && sight.pool) {
      const { pool } = sight
      const overlay = `${place.volume}.${snapshot}`
      if (sight.has(overlay) && !work.owned(`${found.path}.${snapshot}`))
        problems.push(takenOverlay(pool.name, overlay))
    }
    if (!sight.pool || !sight.has(place.volume) || work.owned(found.path) || input.libvirt.overwriteVolumes) continue
    problems.push(...(problemsOf(takenVolume(sight.pool, place.volume)) ?? []))
  }
  return { problems: eachOnce(problems), places }
}

function takenOverlay(pool: string, volume: string): Problem {
  const summary = `the pool ${pool} has a volume ${volume} that h2k did not make, where the snapshot would be`
  const hint = 'libvirt_integration: {snapshot_name: …} for another name'
  return { severity: 'error', code: 'TARGET_TAKEN', summary, hint }
}

function placeFor(uri: string, { pool }: PoolSight, volume: string, { libvirt }: PublishDomain): PoolPlace | undefined {
  if (!pool) {
    const known = libvirt.poolXml === undefined && libvirtUri(uri)?.remote === false
    return known ? { path: join(libvirt.poolPath, volume), thick: false } : undefined
  }
  const { local, path } = placeInPool(uri, pool, volume)
  if (local) return { path, thick: false }
  const { name, freeBytes } = pool
  const room = freeBytes === undefined ? {} : { pool: { name: `pool ${name} of ${uri}`, freeBytes } }
  return { path, ...room, thick: pool.kind === 'block' }
}
