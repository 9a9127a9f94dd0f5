import type { Inspection, LinuxInspection } from './inspection.ts'
import { printable } from './printable.ts'
import type { RepairRequest } from './repair.ts'

/** What a repair will come to, in a line, as far as the inspection tells: `debian 12: fstab by UUID, …`. */
export function forecast({ distribution, version, linux }: Inspection, request: RepairRequest): string {
  const name = printable([distribution, version].filter(Boolean).join(' '))
  if (!linux) return `${name}: by virt-v2v`
  const parts = [
    ...(request.fixer ? [`by ${request.fixer}`] : []),
    ...fstabPart(linux, request),
    ...initramfsPart(linux, request),
    ...networkPart(linux, request),
    ...(request.removeVmwareTools ? toolsPart(linux) : []),
    ...(request.serialConsole ? ['serial console'] : []),
    ...(request.configuration ? [`configuration: ${Object.keys(request.configuration).join(', ')}`] : []),
  ]
  return `${name}: ${parts.length > 0 ? parts.join(', ') : 'nothing to repair that is known before'}`
}

function fstabPart({ fstab }: LinuxInspection, { fstabMode }: RepairRequest): string[] {
  const byPath = fstab.some(({ spec }) => spec.startsWith('/dev/disk/by-path/'))
  const byName = fstab.some(({ spec }) => /^\/dev\/(sd|hd|vd|xvd|nvme)/.test(spec))
  if (fstabMode === 'noop' || !(byPath || (byName && fstabMode === 'stabilize-all'))) return []
  return ['fstab by UUID']
}

function initramfsPart({ kernels }: LinuxInspection, { regenerateInitramfs }: RepairRequest): string[] {
  const lacking = kernels.filter(({ virtio, initramfs }) => {
    return initramfs && virtio.virtio_blk === 'module' && !initramfs.holds.includes('virtio_blk')
  })
  if (!regenerateInitramfs || lacking.length === 0) return []
  return [`virtio into initramfs${lacking.length > 1 ? ` of ${lacking.length} kernels` : ''}`]
}

function networkPart({ network }: LinuxInspection, { networkMode, nics }: RepairRequest): string[] {
  if (networkMode === 'keep') return []
  if (networkMode === 'dhcp') return ['network by DHCP']
  const names = [...new Set(network.flatMap(({ interfaces }) => interfaces.flatMap(({ name }) => name ?? [])))]
  const [only] = names
  const [nic] = nics
  if (names.length !== 1 || nics.length !== 1 || only === undefined || nic?.predictedName === undefined) {
    return names.length > 0 ? [`network follows the NICs’ new names`] : []
  }
  return only === nic.predictedName ? [] : [`${printable(only)} -> ${nic.predictedName}`]
}

function toolsPart({ vmwareTools: { packages, tarball } }: LinuxInspection): string[] {
  if (packages.length > 0) return [`${packages.join(' and ')} removed`]
  return tarball ? ['VMware Tools removed'] : []
}
