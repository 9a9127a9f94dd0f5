import { nearest } from '../../core/nearest.ts'
import { brief, printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import { listDomains } from './domains.ts'
import type { Virsh } from './virsh.ts'

/** A domain that is to be imported. */
export interface SourceDomain {
  /** What is to be started next time, whatever runs now. */
  readonly xml: string
  readonly running: boolean
}

/**
 * Finds a domain by its name or UUID.
 * @throws ProblemError SOURCE_MISSING when libvirt lists none of that name, TARGET_UNREACHABLE when it cannot be asked, and
 *   as `Virsh.run` does
 */
export async function sourceDomain(virsh: Virsh, wanted: string, signal: AbortSignal): Promise<SourceDomain> {
  const domains = [...(await listDomains(virsh, signal)).values()]
  const found = domains.find(({ name }) => name === wanted) ?? domains.find(({ uuid }) => uuid === wanted.toLowerCase())
  if (found) {
    const xml = await virsh.run(['dumpxml', '--inactive', '--', found.uuid], signal)
    return { xml, running: found.running }
  }
  const names = domains.map(({ name }) => name)
  const near = nearest(wanted, names)
  const known = names.length > 0 ? `it has: ${brief(names.join(', '))}` : 'it has no domain at all'
  throw problem('SOURCE_MISSING', `${virsh.uri} has no domain "${printable(wanted)}"`, {
    hint: near === undefined ? known : `did you mean "${near}"?`,
  })
}
