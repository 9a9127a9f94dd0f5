import type { PolicyRule } from '../policy.ts'

export const secureBootLost: PolicyRule<'secure_boot_lost'> = {
  name: 'secure_boot_lost',
  hint: 'remove vm.secureboot, or write vm: {firmware: uefi, secureboot: true}',
  look: ({ machines }) =>
    machines.flatMap(({ planned: { name }, machine, described }) => {
      if (!machine || machine.hardware.secureBoot || described?.secureBoot !== true) return []
      const { firmware } = machine.hardware
      const evidence = `the source boots with secure boot, and the machine with ${firmware === 'bios' ? 'BIOS' : 'UEFI without it'}`
      const keys = [
        ['vm', 'secureboot'],
        ['vm', 'firmware'],
      ]
      return [{ machine: name, field: 'vm.secureboot', keys, evidence }]
    }),
}
