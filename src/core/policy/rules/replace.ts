import type { PolicyRule } from '../policy.ts'

export const replace: PolicyRule<'replace'> = {
  name: 'replace',
  hint: 'take the change back, or let somebody waive the rule for the machine',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name, action, stages } }) => {
      if (action !== 'replace') return []
      return [
        {
          machine: name,
          field: 'disks',
          evidence: `${stages.map(({ stage }) => stage).join(', ')} run again over what was done`,
        },
      ]
    }),
}
