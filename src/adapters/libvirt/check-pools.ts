import { printable } from '../../core/printable.ts'
import type { RbdImages } from '../../ports/rbd-images.ts'
import type { PublishDomain } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { imageIn } from './network-pool.ts'
import { poolInFile } from './pool-file.ts'
import type { PoolObserver } from './pool-sight.ts'
import { poolId } from './pools.ts'
import type { Virsh } from './virsh.ts'

/**
 * Whether this host reaches the pools that it has to fill itself; settles with what was found, in words.
 * @throws ProblemError TARGET_UNFIT, TARGET_UNREACHABLE, TARGET_FAILED, TOOL_MISSING
 */
export async function checkPools(
  virsh: Virsh,
  { disks, libvirt: { poolXml } }: PublishDomain,
  { pools, rbd }: { readonly pools: PoolObserver; readonly rbd: RbdImages },
  work: Pick<Work, 'signal' | 'owned'>,
): Promise<readonly string[]> {
  const names = new Set(disks.flatMap(({ place }) => (place.kind === 'pool' ? [place.pool] : [])))
  const found: string[] = []
  for (const name of names) {
    // What a run that was stopped began is finished first.
    const begun = work.owned(poolId(virsh.uri, name))?.status === 'intended'
    const known = begun ? undefined : (await pools.look(virsh, name, work.signal)).pool
    const { network } = known ?? (poolXml === undefined ? {} : poolInFile(poolXml, name))
    if (!network) continue
    // No volume of h2k's has this name.
    const image = await imageIn(virsh, { name, network }, 'h2k', work.signal)
    await rbd.reach(image, work.signal)
    found.push(`pool ${printable(name)}: this host reaches the pool ${printable(network.source)} of Ceph`)
  }
  return found
}
