import type { PolicyRule } from '../policy.ts'

export const unapprovedCutover: PolicyRule<'unapproved_cutover'> = {
  name: 'unapproved_cutover',
  hint: 'cutover: {require_approval: true}',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name }, machine, manifest }) => {
      const cutsOver = machine?.target.kind === 'libvirt' && machine.target.define
      if (!cutsOver || manifest?.cutover?.require_approval === true) return []
      const evidence = machine.target.running
        ? 'auto_start has it running as soon as it is published, and nobody has to approve it'
        : 'anybody may cut it over, without an approval'
      const keys = [['libvirt_integration', 'auto_start'], ['cutover', 'require_approval'], ['cutover'], ['target']]
      return [
        {
          machine: name,
          field: 'cutover.require_approval',
          keys: machine.target.running ? keys : keys.slice(1),
          evidence,
        },
      ]
    }),
}
