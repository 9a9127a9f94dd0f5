import { printable } from '../../printable.ts'
import type { PolicyRule } from '../policy.ts'

export const unmappedNetwork: PolicyRule<'unmapped_network'> = {
  name: 'unmapped_network',
  hint: 'add the network under network_mapping.source_networks',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name }, machine, manifest }) => {
      const { source_networks: known = {} } = manifest?.network_mapping ?? {}
      return (machine?.nics ?? []).flatMap(({ id, sourceNetwork, attach }, index) => {
        if (sourceNetwork !== undefined && Object.hasOwn(known, sourceNetwork)) return []
        const from = sourceNetwork === undefined ? 'names no network' : `is in "${printable(sourceNetwork)}"`
        const evidence = `nic ${printable(id)} ${from}, no entry maps it, and it goes to ${attach.kind} ${printable(attach.name)}`
        const keys = [
          ['nics', index],
          ['network_mapping', 'on_unmapped'],
          ['network_mapping', 'default_bridge'],
        ]
        return [{ machine: name, field: `nics.${id}`, keys, evidence }]
      })
    }),
}
