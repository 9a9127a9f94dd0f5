import { acts } from '../../plan.ts'
import { formatCount } from '../../units.ts'
import type { PolicyRule } from '../policy.ts'

export const machinesPerChange: PolicyRule<'machines_per_change'> = {
  name: 'machines_per_change',
  hint: 'plan fewer with --only or --wave',
  look: ({ plan }, { max }) => {
    const count = plan.machines.filter(acts).length
    if (count <= max) return []
    return [
      {
        field: 'machines',
        evidence: `the plan does something with ${formatCount(count, 'machine')}, at most ${max} allowed`,
      },
    ]
  },
}
