import type { DescribedDomain } from '../../core/domain/described-domain.ts'
import { type DescribedVolume, describeVolumes } from './describe-volume.ts'
import { describeDomains, type ListedDomain, listDomains } from './domains.ts'
import { type ListedPool, listPools } from './list-pools.ts'
import type { Virsh } from './virsh.ts'
import { isLineOf, volumeLines } from './volumes.ts'

/**
 * What is seen of libvirts from now on: each thing is asked for once, since over ssh a question costs more than its answer. It is
 * for one plan, or for what is done with one machine, and never outlives that.
 */
export interface LibvirtSight {
  domains(virsh: Virsh, signal: AbortSignal): Promise<ReadonlyMap<string, ListedDomain>>
  /** One that is listed, with `others` of them at once. */
  domain(virsh: Virsh, uuid: string, others: readonly string[], signal: AbortSignal): Promise<DescribedDomain>
  pools(virsh: Virsh, signal: AbortSignal): Promise<ReadonlyMap<string, ListedPool>>
  /** As `volumeLines`. */
  volumes(virsh: Virsh, pool: ListedPool, signal: AbortSignal): Promise<readonly string[]>
  /** One that is in the pool, with `others` of it at once. */
  volume(
    virsh: Virsh,
    pool: ListedPool,
    volume: string,
    others: readonly string[],
    signal: AbortSignal,
  ): Promise<DescribedVolume>
  /** Something in the pool is no longer what it was. */
  forget(virsh: Virsh, pool: ListedPool): void
}

export function createSight(): LibvirtSight {
  const seen = new Map<string, Promise<unknown>>()
  const once = <Answer>(question: readonly string[], ask: () => Promise<Answer>): Promise<Answer> => {
    const key = question.join(' ')
    const known = seen.get(key)
    if (known) return known as Promise<Answer>
    const answer = ask()
    seen.set(key, answer)
    return answer
  }
  const sight: LibvirtSight = {
    domains: (virsh, signal) => once(['domains', virsh.uri], () => listDomains(virsh, signal)),
    async domain(virsh, uuid, others, signal) {
      const listed = await sight.domains(virsh, signal)
      const there = [...new Set([uuid, ...others])].filter((one) => listed.has(one))
      const many = await once(['described', virsh.uri], () => describeDomains(virsh, there, 'defined', signal))
      const found = many.get(uuid) ?? (await describeDomains(virsh, [uuid], 'defined', signal)).get(uuid)
      if (!found) throw new Error(`${uuid} is not listed`)
      return found
    },
    pools: (virsh, signal) => once(['pools', virsh.uri], () => listPools(virsh, signal)),
    volumes: (virsh, pool, signal) => once(['volumes', virsh.uri, pool.uuid], () => volumeLines(virsh, pool, signal)),
    async volume(virsh, pool, volume, others, signal) {
      const lines = await sight.volumes(virsh, pool, signal)
      const there = [...new Set([volume, ...others])].filter((one) => lines.some((line) => isLineOf(line, one)))
      const many = await once(['looks', virsh.uri, pool.uuid], () => describeVolumes(virsh, pool, there, signal))
      const found = many.get(volume) ?? (await describeVolumes(virsh, pool, [volume], signal)).get(volume)
      if (!found) throw new Error(`${volume} is not listed`)
      return found
    },
    forget: (virsh, pool) => void seen.delete(['volumes', virsh.uri, pool.uuid].join(' ')),
  }
  return sight
}
