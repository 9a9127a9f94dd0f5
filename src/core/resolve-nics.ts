import type { DescribedMachine, DescribedNic } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest, ManifestNic } from './language/manifest.ts'
import type { Nic } from './machine.ts'
import { mapNic, normalMac } from './mapping-network.ts'

/** The NICs in the source's order, each on the target's network. */
export function resolveNics(
  machine: string,
  manifest: Manifest,
  described: DescribedMachine | undefined,
  issues: Issue[],
): readonly Nic[] {
  const listed = manifest.nics ?? described?.nics.map(manifestNic) ?? []
  const ids = listed.map(({ id }) => id)
  checkOverrides(manifest, issues)
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

// An override without an effect, or one of two, would only be noticed when a machine has a wrong address.
function checkOverrides({ network_mapping: mapping = {} }: Manifest, issues: Issue[]): void {
  const path = ['network_mapping', 'mac_address_overrides']
  const policy = mapping.mac_address_policy ?? 'preserve'
  const overrides = Object.keys(mapping.mac_address_overrides ?? {})
  if (overrides.length > 0 && policy !== 'custom') {
    const summary = `mac_address_overrides has no effect: mac_address_policy is ${policy}`
    issues.push({ code: 'VALUE_INVALID', path, summary, hint: 'mac_address_policy: custom' })
  }
  const known = new Map<string, string>()
  for (const mac of overrides) {
    const other = known.get(normalMac(mac))
    if (other === undefined) known.set(normalMac(mac), mac)
    else issues.push({ code: 'VALUE_INVALID', path: [...path, mac], summary: `${mac} is ${other}, which is there too` })
  }
}
