import { formatBytes, formatCount } from '../../units.ts'
import type { PolicyRule } from '../policy.ts'

export const destroy: PolicyRule<'destroy'> = {
  name: 'destroy',
  hint: 'keep the machine, or on_remove: forget',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name, action, removals = [] } }) => {
      if (action !== 'destroy') return []
      const bytes = removals.reduce((sum, removal) => sum + removal.bytes, 0)
      const evidence = `${formatCount(removals.length, 'artifact')} of it would be removed, ${formatBytes(bytes)}`
      return [{ machine: name, field: 'action', evidence }]
    }),
}
