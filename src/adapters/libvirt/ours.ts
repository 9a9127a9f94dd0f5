import type { KeptDomain } from '../../core/domain/kept-domain.ts'
import { domainUuid } from '../../core/domain-xml.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import type { PublishDomain } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import type { ListedDomain } from './domains.ts'

/** What the state calls a domain that h2k made. */
export function domainId(uri: string, uuid: string): string {
  return `${uri}#domain/${uuid}`
}

/** What the state calls a snapshot of it. */
export function snapshotId(uri: string, uuid: string, name: string): string {
  return `${uri}#snapshot/${uuid}/${name}`
}

/** What the state keeps of it: its name, and what tells whether it changed. */
export function domainEvidence(domain: KeptDomain): { readonly name: string; readonly mark: string } {
  return { name: domain.name, mark: fingerprint(domain) }
}

/** What is there of the domain that is wanted, and what has to make way for it. */
export interface Place {
  readonly mine?: ListedDomain
  /** Another domain with its name, which is to be replaced. */
  readonly other?: ListedDomain
}

/**
 * Looks for the domain among those that there are.
 * @throws ProblemError TARGET_TAKEN when its name or UUID belongs to one that h2k did not make; TARGET_RUNNING when that is
 * to be replaced and runs
 */
export function findPlace(
  domains: ReadonlyMap<string, ListedDomain>,
  input: Pick<PublishDomain, 'workspace' | 'name' | 'uuid' | 'libvirt'>,
  work: Pick<Work, 'owned'>,
): Place {
  const { uri, domain, overwriteDomain } = input.libvirt
  const uuid = domainUuid(input)
  const mine = domains.get(uuid)
  const known = work.owned(domainId(uri, uuid)) !== undefined
  if (mine && !known && !overwriteDomain) {
    throw taken(`${uri} has this machine’s domain already, and the state does not know it`, {
      hint: 'restore the state it belongs to, let h2k state import take it over, or libvirt_integration: {overwrite_domain: true}',
    })
  }
  const other = [...domains.values()].find((listed) => listed.name === domain && listed.uuid !== uuid)
  if (!other) return mine ? { mine } : {}
  if (!overwriteDomain) {
    throw taken(`${uri} has a domain called ${domain} (${other.uuid}) that h2k did not make`, {
      hint: 'libvirt_integration: {vm_name: …} for another name, or {overwrite_domain: true} to replace it',
    })
  }
  if (other.running || other.saved) throw running(uri, other, 'it would be replaced')
  return { other, ...(mine ? { mine } : {}) }
}

function taken(summary: string, rest: { readonly hint: string }): ProblemError {
  return problem('TARGET_TAKEN', summary, rest)
}

/** The refusal to take something from under a running machine. */
export function running(uri: string, { name, saved }: ListedDomain, why: string): ProblemError {
  const state = saved ? 'was saved to go on later' : 'runs'
  return problem('TARGET_RUNNING', `the domain ${name} ${state}, and ${why}`, {
    hint: saved ? `virsh -c '${uri}' start it, then shut it down` : `shut it down: virsh -c '${uri}' shutdown ${name}`,
  })
}
