import { libvirtUri } from '../../libvirt-uri.ts'
import type { Disk, Machine } from '../../machine.ts'
import { printable } from '../../printable.ts'
import type { PolicyRule, PolicyView } from '../policy.ts'

export const unencryptedTarget: PolicyRule<'unencrypted_target'> = {
  name: 'unencrypted_target',
  hint: 'give it a folder on an encrypted disk of this host, or let somebody who knows waive the rule',
  look: ({ machines, ...sight }) =>
    machines.flatMap(({ planned: { name }, machine }) =>
      (machine?.disks ?? []).flatMap((disk, index) => {
        const why = machine ? whyNot(disk, machine, sight) : undefined
        if (why === undefined) return []
        const keys = [
          ['disks', index, 'target_path'],
          ['disks', index, 'pool'],
          ['storage_mapping', 'disk_mappings', disk.id],
          ['storage_mapping', 'disk_mappings', disk.datastore ?? disk.id],
          ['storage_mapping', 'default_pool'],
          ['libvirt_integration', 'import_to_pool'],
          ['output', 'directory'],
        ]
        return [{ machine: name, field: `disks.${disk.id}`, keys, evidence: `disk ${disk.id} ${why}` }]
      }),
    ),
}

/** What cannot be told counts as not encrypted. */
function whyNot(
  { place, to }: Disk,
  { target }: Machine,
  sight: Pick<PolicyView, 'encryptionOf' | 'shown'>,
): string | undefined {
  if (place.kind === 'pool')
    return `goes to pool ${printable(place.pool)}, of which h2k cannot tell whether it is encrypted`
  if (target.kind === 'libvirt' && libvirtUri(target.uri)?.remote)
    return 'goes to another host, of which h2k cannot tell'
  const path = place.kind === 'file' ? place.path : to.path
  const shown = printable(sight.shown(path))
  switch (sight.encryptionOf(path)) {
    case 'encrypted':
      return undefined
    case 'plain':
      return `goes to ${shown}, which is on no encrypted disk`
    case 'unknown':
      return `goes to ${shown}, of which h2k cannot tell whether it is encrypted`
  }
}
