import { printable } from '../../core/printable.ts'
import { problemsOf } from '../../core/problem.ts'
import type { RbdImages } from '../../ports/rbd-images.ts'
import type { PublishDomain } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { imageIn } from './network-pool.ts'
import { poolInFile } from './pool-file.ts'
import type { PoolObserver } from './pool-sight.ts'
import type { Virsh } from './virsh.ts'

/**
 * Whether this host reaches the pools that it has to fill itself; settles with what was found, in words.
 * @throws ProblemError TARGET_UNFIT, TARGET_UNREACHABLE, TARGET_FAILED, TOOL_MISSING
 */
export async function checkPools(
  virsh: Virsh,
  { disks, libvirt: { poolXml } }: PublishDomain,
  { pools, rbd }: { readonly pools: PoolObserver; readonly rbd: RbdImages },
  work: Pick<Work, 'signal'>,
): Promise<readonly string[]> {
  const names = new Set(disks.flatMap(({ place }) => (place.kind === 'pool' ? [place.pool] : [])))
  const found: string[] = []
  for (const name of names) {
    const known = await activePool(virsh, name, pools, work.signal)
    const { network } = known ?? (poolXml === undefined ? {} : poolInFile(poolXml, name))
    if (!network) continue
    // No volume of h2k's has this name.
    const image = await imageIn(virsh, { name, network }, 'h2k', work.signal)
    await rbd.reach(image, work.signal)
    found.push(`pool ${printable(name)}: this host reaches the pool ${printable(network.source)} of Ceph`)
  }
  return found
}

// One that is off is the plan's to refuse: another machine, or a run that was stopped, may just be making it.
async function activePool(virsh: Virsh, name: string, pools: PoolObserver, signal: AbortSignal) {
  try {
    return (await pools.look(virsh, name, signal)).pool
  } catch (error) {
    if (problemsOf(error)?.some(({ code }) => code === 'TARGET_UNFIT')) return undefined
    throw error
  }
}
