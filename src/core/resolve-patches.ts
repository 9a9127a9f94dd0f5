import type { DomainPatch } from './domain-patch.ts'
import { type Domain, patchFaults } from './domain-xml.ts'
import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'

/** The changes that git wants to the XML of a domain, each tried on the domain as it is going to be. */
export function resolvePatches(
  { domain_patch: written = [] }: Manifest,
  domain: Omit<Domain, 'patches'>,
  issues: Issue[],
): readonly DomainPatch[] {
  // Nearly all machines; the whole domain would be made for nothing.
  if (written.length === 0) return []
  const patches = written.map(({ op, path, value }) => ({ op, path, ...(value === undefined ? {} : { value }) }))
  for (const { index, key, ...fault } of patchFaults({ ...domain, patches })) {
    issues.push({ code: 'VALUE_INVALID', path: ['domain_patch', index, key], ...fault })
  }
  return patches
}
