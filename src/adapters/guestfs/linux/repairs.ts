import type { Inspection } from '../../../core/inspection.ts'
import type { Finding } from '../../../core/outputs.ts'
import type { GuestChange, RepairOutcome, RepairRequest } from '../../../core/repair.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import { applyEdit, changeOf, touched } from './apply-edit.ts'
import { rootDevice } from './boot/root-device.ts'
import { serialConsole } from './boot/serial-console.ts'
import { cloudInit } from './configuration/cloud-init.ts'
import { hostname } from './configuration/hostname.ts'
import { configuredNetwork } from './configuration/network-files.ts'
import { services } from './configuration/services.ts'
import { users } from './configuration/users.ts'
import { fstab, otherTables } from './fstab.ts'
import { initramfs } from './initramfs/initramfs.ts'
import { kernelModules } from './kernel-modules.ts'
import { lvm } from './lvm.ts'
import { network } from './network/network.ts'
import type { Edit, Guest, LeaveEdit, Repair } from './repair.ts'
import { relabel } from './selinux.ts'
import { vmwareTools } from './vmware-tools.ts'
import { xorg } from './xorg.ts'

/** In the order in which they are run: what an initramfs holds a copy of comes before the initramfs. */
const repairs: readonly Repair[] = [
  vmwareTools,
  fstab,
  otherTables,
  lvm,
  kernelModules,
  rootDevice,
  serialConsole,
  network,
  xorg,
  initramfs,
  users,
  services,
  hostname,
  configuredNetwork,
  cloudInit,
]

export interface RepairOptions extends Pick<Guest, 'readInitramfs' | 'emulated'> {
  readonly signal: AbortSignal
}

/**
 * What `repairLinux` would do, by reading alone. Each diff is against the file as it is: where two repairs change one file,
 * each shows its own part.
 */
export function planLinuxRepairs(
  tree: GuestTree,
  inspection: Inspection,
  request: RepairRequest,
  options: RepairOptions,
): Promise<RepairOutcome> {
  return run({ tree, inspection, request, ...options }, async () => undefined)
}

/**
 * Makes a Linux guest ready for its target. A second run finds nothing to do.
 * @throws ProblemError when a tool of the guest fails; then the tree is to be thrown away.
 */
export async function repairLinux(
  tree: GuestTree,
  inspection: Inspection,
  request: RepairRequest,
  options: RepairOptions,
): Promise<RepairOutcome> {
  const before = request.printFstab ? await tree.read('/etc/fstab') : undefined
  const paths: string[] = []
  const outcome = await run({ tree, inspection, request, ...options }, async (edit) => {
    const summary = await applyEdit(tree, edit, request.backup)
    paths.push(...touched(edit))
    return summary
  })
  const labels = await relabel(tree, inspection, paths)
  const changes = [...outcome.changes, ...labels]
  if (before === undefined) return { ...outcome, changes }
  return { ...outcome, changes, fstab: { before, after: (await tree.read('/etc/fstab')) ?? '' } }
}

async function run(
  { signal, ...given }: Omit<Guest, 'linux'> & RepairOptions,
  perform: (edit: Exclude<Edit, LeaveEdit>) => Promise<string | undefined>,
): Promise<RepairOutcome> {
  const { linux } = given.inspection
  const changes: GuestChange[] = []
  const findings: Finding[] = []
  const earlier: Edit[] = []
  if (!linux) return { changes, findings }
  for (const repair of repairs) {
    signal.throwIfAborted()
    const edits = await repair.detect({ ...given, linux }, earlier)
    earlier.push(...edits)
    for (const edit of edits) {
      signal.throwIfAborted()
      if (edit.kind === 'leave') {
        const { severity, subject, summary } = edit
        findings.push({ rule: `guest.${repair.name}`, severity, subject, evidence: summary })
        continue
      }
      const change = await changeOf(given.tree, repair.name, edit)
      const summary = await perform(edit)
      changes.push(summary === undefined ? change : { ...change, summary })
    }
  }
  return { changes, findings }
}
