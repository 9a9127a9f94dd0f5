import type { Inspection } from '../core/inspection.ts'
import type { PlannedMachine } from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import { switchesOff } from '../core/source-domain.ts'
import type { Subject } from './stage.ts'

/** What git says of how the machine is worked on. */
export function optionsOf({ machine: { priority, steering, sourceDomain } }: Subject): Pick<PlannedMachine, 'options'> {
  const { report, verbose } = steering
  const said = [
    ...(report === undefined ? [] : [`report ${report}`]),
    ...(verbose > 0 ? [`verbose ${verbose}`] : []),
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(sourceDomain && sourceDomain.action !== 'none'
      ? [`cutover source_action ${sourceDomain.action}: domain ${sourceDomain.name} of ${sourceDomain.connection}`]
      : []),
  ]
  return said.length > 0 ? { options: said } : {}
}

/** What of it is worth a reader's look. */
export function notesOn({ machine }: Subject): string[] {
  const { hardware, sourceDomain } = machine
  const { firmware, os } = hardware
  return [
    ...(sourceDomain && switchesOff(sourceDomain)
      ? [
          `switches its source off at its cutover, the domain ${printable(sourceDomain.name)} of ${sourceDomain.connection}`,
        ]
      : []),
    ...(firmware === 'bios' ? [`boots BIOS`] : []),
    ...(os === 'unknown' ? ['has an unknown operating system'] : []),
  ]
}

/** What the inspection warned of, once there was one. */
export function guestNotes(inspection: Inspection | undefined): string[] {
  const warnings = inspection?.findings.filter(({ severity }) => severity === 'warning') ?? []
  return warnings.map(({ rule, subject, evidence }) => printable(`has ${rule} (${subject}: ${evidence})`))
}
