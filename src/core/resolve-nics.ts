import type { DescribedMachine, DescribedNic } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest, ManifestNic } from './language/manifest.ts'
import type { Nic } from './machine.ts'
import { mapNic } from './mapping-network.ts'

/** The NICs in the source's order, each on the target's network. */
export function resolveNics(
  machine: string,
  manifest: Manifest,
  described: DescribedMachine | undefined,
  issues: Issue[],
): readonly Nic[] {
  const listed = manifest.nics ?? described?.nics.map(manifestNic) ?? []
  const ids = listed.map(({ id }) => id)
  return listed.flatMap((nic, index) => {
    const path = ['nics', index]
    if (ids.indexOf(nic.id) !== index) {
      issues.push({ code: 'NAME_DUPLICATE', path: [...path, 'id'], summary: `two NICs have the id "${nic.id}"` })
    }
    const mapped = mapNic(machine, nic, manifest, path)
    if (!('code' in mapped)) return [mapped]
    issues.push(mapped)
    return []
  })
}

/** A NIC as the manifest would list it. The source's model does not come along: the target has its own. */
export function manifestNic({ id, network, mac }: DescribedNic): ManifestNic {
  return { id, ...(network === '' ? {} : { network }), ...(mac === undefined ? {} : { mac }) }
}
