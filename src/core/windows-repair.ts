import type { Inspection } from './inspection.ts'
import type { Disk } from './machine.ts'
import { printable } from './printable.ts'
import type { Problem } from './problem.ts'
import { driverFolders, lackingDrivers } from './windows-drivers.ts'

const mib = 1024 * 1024
/** virt-v2v asks for as much on the system volume. */
const neededBytes = 100 * mib

interface Means {
  /** Where the drivers are looked for. */
  readonly virtioWin: string
  /** The paths of its files. */
  readonly drivers: readonly string[]
  /** Of the disk that the machine boots from. */
  readonly bootBus: Disk['bus']
}

/** Why this Windows must not be changed as it is: trouble that would end in a machine which does not boot. */
export function refuseWindows(inspection: Inspection, means: Means): readonly Problem[] {
  const { windows } = inspection
  if (!windows) throw new Error('a Windows without an inspection of it')
  return [
    ...(windows.pendingReboot
      ? [
          refused(
            'guest.pending_reboot',
            'Windows waits for a restart, and would finish its updates on other hardware',
            {
              hint: 'restart it at the source, then shut it down with: shutdown /s /f /t 0',
            },
          ),
        ]
      : []),
    ...(windows.freeBytes < neededBytes
      ? [
          refused(
            'guest.space',
            `its system volume has ${Math.floor(windows.freeBytes / mib)} MiB free, and 100 are needed`,
            {
              hint: 'delete something at the source',
            },
          ),
        ]
      : []),
    ...judgeBus(means),
    ...judgeDrivers(inspection, means),
  ]
}

// virt-v2v makes viostor the driver to boot with: with another one Windows would stop with 0x7B.
function judgeBus({ bootBus }: Means): readonly Problem[] {
  if (bootBus !== 'scsi') return []
  return [
    refused('guest.boot_driver', 'it is to boot from virtio-scsi, for which no driver is set up', {
      hint: 'let the first disk have bus: virtio',
    }),
  ]
}

function judgeDrivers(inspection: Inspection, { virtioWin, drivers }: Means): readonly Problem[] {
  const { windows, title, version, architecture } = inspection
  const folders = windows && driverFolders(windows, inspection)
  const name = printable(`${title} (${version} ${architecture})`)
  if (!folders) {
    return [
      refused('guest.no_drivers', `h2k knows of no drivers for ${name}`, { hint: 'set pipeline.fix.fixer: none' }),
    ]
  }
  const lacking = lackingDrivers(drivers, folders)
  if (lacking.length === 0) return []
  const where = `${folders.version.join(' or ')}/${folders.architecture.join(' or ')}`
  return [
    refused('guest.no_drivers', `${virtioWin} has no ${lacking.join(' and no ')} for ${name}, in ${where}`, {
      hint: 'let pipeline.fix.virtio_win name an ISO of virtio-win that has them',
    }),
  ]
}

function refused(rule: string, evidence: string, { hint }: { readonly hint: string }): Problem {
  return { severity: 'error', code: 'GUEST_REFUSED', summary: `${rule}: ${evidence}`, hint }
}
