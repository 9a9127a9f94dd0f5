import type { FileIdentity } from '../core/image.ts'
import type { Inspection } from '../core/inspection.ts'
import type { Disk, Machine } from '../core/machine.ts'
import { osFamily } from '../core/os-family.ts'
import { ProblemError, problem } from '../core/problem.ts'
import type { RepairRequest } from '../core/repair.ts'
import { refuseWindows } from '../core/windows-repair.ts'
import type { Context } from './context.ts'
import type { OpenGuests } from './open-guests.ts'

/** What the repair of a Windows depends on besides its disks: what it boots from, and which drivers there are. */
export function windowsGiven(
  { disks, repair }: Pick<Machine, 'disks' | 'repair'>,
  { files }: Pick<Context, 'files'>,
): { readonly bootBus: 'scsi' | 'virtio'; readonly drivers?: FileIdentity } {
  const [first] = disks.toSorted((a, b) => a.bootOrder - b.bootOrder)
  if (!first) throw new Error('a machine without disks')
  const [drivers] = repair?.virtioWin === undefined ? [] : files.identities([repair.virtioWin])
  // For the repair all others are one: a disk that moves from SATA to virtio must not make it run again.
  const bootBus = first.bus === 'scsi' ? 'scsi' : 'virtio'
  return { bootBus, ...(drivers ? { drivers } : {}) }
}

/** What this host needs for the repair that is asked for, as far as that is known before anybody looked into the guest. */
export function repairMeans({ hardware, repair }: Pick<Machine, 'hardware' | 'repair'>): {
  readonly virtV2v?: true
  readonly windows?: Pick<RepairRequest, 'virtioWin'>
} {
  // A configuration alone repairs nothing.
  if (!repair || !(repair.adaptDrivers || repair.fixer)) return {}
  const windows = osFamily(hardware.os) === 'windows'
  return {
    ...(windows || repair.fixer === 'virt-v2v' ? { virtV2v: true } : {}),
    ...(windows ? { windows: repair.virtioWin === undefined ? {} : { virtioWin: repair.virtioWin } } : {}),
  }
}

/** The paths of the drivers. @throws ProblemError KEY_MISSING, FILE_UNREADABLE, TOOL_MISSING: all that is not there */
export async function driversFor(
  { virtioWin }: Pick<RepairRequest, 'virtioWin'>,
  virtV2v: OpenGuests['virtV2v'],
): Promise<{ readonly virtioWin: string; readonly drivers: readonly string[] }> {
  if (virtV2v.windowsHelper() === undefined) {
    throw problem('TOOL_MISSING', 'virt-v2v has no rhsrvany.exe and no pvvxsvc.exe: it repairs no Windows without', {
      hint: 'put rhsrvany.exe into /usr/share/virt-tools, or into the folder that VIRT_TOOLS_DATA_DIR names',
    })
  }
  if (virtioWin === undefined) {
    throw problem('KEY_MISSING', 'a Windows needs drivers for KVM, and h2k brings none', {
      hint: 'add pipeline.fix.virtio_win: the path of an ISO of virtio-win; or set pipeline.fix.fixer: none',
    })
  }
  return { virtioWin, drivers: await virtV2v.drivers(virtioWin) }
}

/** @throws ProblemError GUEST_REFUSED with everything that keeps this Windows from being changed, or as `driversFor` */
export async function refuseUnfitWindows(
  inspection: Inspection,
  request: RepairRequest,
  bootBus: Disk['bus'],
  virtV2v: OpenGuests['virtV2v'],
): Promise<void> {
  const problems = refuseWindows(inspection, { ...(await driversFor(request, virtV2v)), bootBus })
  if (problems.length > 0) throw new ProblemError(problems)
}
