import type { Inspection } from '../../core/inspection.ts'
import { printable } from '../../core/printable.ts'
import { ProblemError } from '../../core/problem.ts'
import { guestDisks, guestIdentity } from '../guest-disks.ts'
import { stage } from '../stage.ts'

/** Looks into the guest before anything is copied: what it is, and what would keep it from booting on its target. */
export const inspect = stage({
  name: 'inspect',
  version: 2,
  after: ['export'],
  tools: ['libguestfs', 'accelerator'],
  included: (machine) => machine.inspection !== undefined,
  claims: () => ({ guestfs: 1 }),
  keeps: (machine) => (machine.repair ? ['guestfs'] : []),
  describe: ({ inspection }) => {
    const keys = inspection?.luksKeys.length ?? 0
    const more = inspection?.collectGuestInfo ? ', users, packages and services' : ''
    return `system, drivers, boot loader and network of the guest${more}${keys > 0 ? `, ${keys} key(s) to its disks` : ''}`
  },
  input: ({ machine }, upstream, context) => {
    const guest = guestDisks(machine, upstream.export, context)
    return {
      guest,
      identity: guestIdentity(guest, upstream.export),
      collectGuestInfo: machine.inspection?.collectGuestInfo ?? false,
      configures: machine.repair?.configuration !== undefined,
    }
  },
  kept: ({ guest: _, ...rest }) => rest,
  async run({ guest: disks, collectGuestInfo, configures }, { guests }, work) {
    const guest = await guests.take(disks, work)
    work.progress(0)
    const inspection = await guest.inspect({ collectGuestInfo })
    refuse(inspection, configures)
    return inspection
  },
})

// Before the copy: trouble then costs seconds and not hours.
function refuse({ findings, family, title }: Inspection, configures: boolean): void {
  const problems = findings
    .filter(({ severity }) => severity === 'error' || severity === 'critical')
    .map(({ rule, subject, evidence, hint }) => ({
      severity: 'error' as const,
      code: 'GUEST_REFUSED' as const,
      summary: `${rule}: ${subject}: ${evidence}`,
      ...(hint === undefined ? {} : { hint }),
    }))
  if (problems.length > 0) throw new ProblemError(problems)
  if (!configures || family === 'linux') return
  throw new ProblemError([
    {
      severity: 'error',
      code: 'NOT_BUILT',
      summary: `this version sets up Linux only, and the guest is ${printable(title || family)}`,
      hint: 'leave configuration out for this machine',
    },
  ])
}
