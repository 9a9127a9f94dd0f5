import { switchesOff } from '../../source-domain.ts'
import type { PolicyRule } from '../policy.ts'

export const sourcePowerOffUnapproved: PolicyRule<'source_power_off_unapproved'> = {
  name: 'source_power_off_unapproved',
  hint: 'cutover: {require_approval: true}',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name }, machine, manifest }) => {
      const source = machine?.sourceDomain
      if (!source || !switchesOff(source) || manifest?.cutover?.require_approval === true) return []
      return [
        {
          machine: name,
          field: 'cutover.source_action',
          keys: [['cutover', 'source_action']],
          evidence: `anybody may cut it over, which switches the domain ${source.name} off, without an approval`,
        },
      ]
    }),
}
