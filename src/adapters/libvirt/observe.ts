import { type KeptDomain, keptDomain } from '../../core/domain/kept-domain.ts'
import type { Clock } from '../../ports/clock.ts'
import { describeDomains, type ListedDomain, listDomains } from './domains.ts'
import { createMemory } from './memory.ts'
import type { Virsh } from './virsh.ts'

/** A domain as it is. */
export interface ObservedDomain extends ListedDomain {
  /** What is to be started next time. */
  readonly domain: KeptDomain
  /** What runs now. */
  readonly live?: KeptDomain
}

export type Observed = ReadonlyMap<string, ObservedDomain>

/** Looks at all domains of a libvirt at once. */
export function createObserver(clock: Clock): (virsh: Virsh, signal: AbortSignal) => Promise<Observed> {
  const seen = createMemory<Observed>(clock)
  return (virsh, signal) => seen.recall(virsh.uri, () => observe(virsh, signal))
}

async function observe(virsh: Virsh, signal: AbortSignal): Promise<Observed> {
  const listed = await listDomains(virsh, signal)
  const defined = await describeDomains(virsh, [...listed.keys()], 'defined', signal)
  const running = [...listed.values()].filter((domain) => domain.running).map(({ uuid }) => uuid)
  const live = await describeDomains(virsh, running, 'live', signal)
  return new Map(
    [...listed.values()].flatMap((domain) => {
      const [now, next] = [live.get(domain.uuid), defined.get(domain.uuid)]
      if (!next) return []
      return [[domain.uuid, { ...domain, domain: keptDomain(next), ...(now ? { live: keptDomain(now) } : {}) }]]
    }),
  )
}
