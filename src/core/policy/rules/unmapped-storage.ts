import { printable } from '../../printable.ts'
import type { PolicyRule } from '../policy.ts'

export const unmappedStorage: PolicyRule<'unmapped_storage'> = {
  name: 'unmapped_storage',
  hint: 'add the disk or its datastore under storage_mapping.disk_mappings',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name }, machine, manifest }) => {
      const { disk_mappings: known = {} } = manifest?.storage_mapping ?? {}
      const written = new Map((manifest?.disks ?? []).map((disk) => [disk.id, disk]))
      return (machine?.disks ?? []).flatMap(({ id, datastore, place }, index) => {
        const { target_path: path, pool } = written.get(id) ?? {}
        const named = [id, datastore].some((each) => each !== undefined && Object.hasOwn(known, each))
        if (named || path !== undefined || pool !== undefined) return []
        const to = place.kind === 'pool' ? `pool ${printable(place.pool)}` : 'its output folder'
        const keys = [
          ['disks', index],
          ['libvirt_integration', 'import_to_pool'],
          ['storage_mapping', 'default_pool'],
          ['storage_mapping'],
        ]
        return [{ machine: name, field: `disks.${id}`, keys, evidence: `disk ${id} has no entry, and goes to ${to}` }]
      })
    }),
}
