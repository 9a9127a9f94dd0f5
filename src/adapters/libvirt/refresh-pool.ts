import { problemsOf } from '../../core/problem.ts'
import type { Pool } from './pools.ts'
import type { Virsh } from './virsh.ts'

/**
 * Has libvirt look at a pool anew, and asks it something about it over the same connection: `command` is put before the pool's
 * UUID. While something is uploaded into the pool libvirt refuses to look, and does so by itself when that ends: until then
 * it is asked what it knows.
 */
export async function askPoolAnew(
  virsh: Virsh,
  { uuid }: Pick<Pool, 'uuid'>,
  command: 'vol-list' | 'pool-dumpxml' | 'pool-name',
  signal: AbortSignal,
): Promise<string> {
  const ask = `${command} ${uuid}`
  try {
    return await virsh.run([`pool-refresh ${uuid}; ${ask}`], signal)
  } catch (error) {
    if (!problemsOf(error)?.some(({ summary }) => summary.includes('asynchronous jobs running'))) throw error
    return await virsh.run([ask], signal)
  }
}
