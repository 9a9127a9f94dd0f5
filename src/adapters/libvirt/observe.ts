import { type KeptDomain, keptDomain } from '../../core/domain/kept-domain.ts'
import type { Clock } from '../../ports/clock.ts'
import { describeDomains, type ListedDomain, listDomains } from './domains.ts'
import type { Virsh } from './virsh.ts'

/** A domain as it is. */
export interface ObservedDomain extends ListedDomain {
  readonly domain: KeptDomain
}

export type Observed = ReadonlyMap<string, ObservedDomain>

// Long enough for the plan of many machines, short enough that nobody acts on what was.
const goodForSeconds = 30

/** Looks at all domains of a libvirt at once, since each connection costs more than any number of domains. */
export function createObserver(clock: Clock): (virsh: Virsh, signal: AbortSignal) => Promise<Observed> {
  const seen = new Map<string, { readonly at: number; readonly domains: Promise<Observed> }>()
  return async (virsh, signal) => {
    const before = seen.get(virsh.uri)
    if (before && clock.seconds() - before.at < goodForSeconds) return await before.domains
    const domains = observe(virsh, signal)
    seen.set(virsh.uri, { at: clock.seconds(), domains })
    return await domains
  }
}

async function observe(virsh: Virsh, signal: AbortSignal): Promise<Observed> {
  const listed = await listDomains(virsh, signal)
  const described = await describeDomains(virsh, [...listed.keys()], signal)
  return new Map(
    [...listed.values()].flatMap((domain) => {
      const found = described.get(domain.uuid)
      return found ? [[domain.uuid, { ...domain, domain: keptDomain(found) }]] : []
    }),
  )
}
