import { ProblemError } from '../../core/problem.ts'
import { refuseGuest } from '../../core/refuse-guest.ts'
import { checkClaims } from '../check-claims.ts'
import { guestDisks, guestIdentity } from '../guest-disks.ts'
import { stage } from '../stage.ts'

/** Looks into the guest before anything is copied: what it is, and what would keep it from booting on its target. */
export const inspect = stage({
  name: 'inspect',
  version: 3,
  after: ['export'],
  reads: () => ['export'],
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
      exported: upstream.export.disks,
      identity: guestIdentity(guest, upstream.export),
      collectGuestInfo: machine.inspection?.collectGuestInfo ?? false,
      configures: machine.repair?.configuration !== undefined,
      writes: {
        images: machine.repair?.regenerateInitramfs ?? false,
        copies: (machine.repair?.adaptDrivers && machine.repair.backup) ?? false,
      },
    }
  },
  kept: ({ guest: _, exported: _disks, ...rest }) => rest,
  async run({ guest: disks, exported, collectGuestInfo, configures, writes }, { guests, files }, work) {
    await checkClaims(exported, files, work.signal)
    const guest = await guests.take(disks, work)
    work.progress(0)
    const inspection = await guest.inspect({ collectGuestInfo })
    const problems = refuseGuest(inspection, { configures, ...writes })
    if (problems.length > 0) throw new ProblemError(problems)
    return inspection
  },
})
