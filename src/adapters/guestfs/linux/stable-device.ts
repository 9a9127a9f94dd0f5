import type { GuestFilesystem, Inspection } from '../../../core/inspection.ts'

/** How a name of a device was found to stand for another one. */
export type StableDevice =
  | { readonly kind: 'stable' }
  | { readonly kind: 'uuid'; readonly spec: string }
  | { readonly kind: 'unknown'; readonly why: string }

/** `kernel` is a name such as `sda1`; the links of `by-path` and of disks' serial numbers change with the hypervisor too. */
type Naming = 'kernel' | 'by-path' | 'by-id'

const kernelName = /^\/dev\/(?:[shv]d|xvd)([a-z]{1,2})(\d*)$/
const nvmeName = /^\/dev\/nvme(\d)n1(?:p(\d+))?$/
const byPath = /^\/dev\/disk\/by-path\/.*?(?:-part(\d+))?$/
// Multipath's maps are called after the disk's serial number, or numbered by it.
const byId =
  /^\/dev\/(?:disk\/by-id\/(?:ata|scsi|wwn|nvme|virtio)-.*?|mapper\/(?:mpath[a-z]+|36[\da-f]{15,}))(?:(?:-part|p)?(\d+))?$/

/** What may change about the name of a device when its machine moves; undefined for names that stay. */
export function namingOf(spec: string): Naming | undefined {
  if (kernelName.test(spec) || nvmeName.test(spec)) return 'kernel'
  if (byPath.test(spec)) return 'by-path'
  return byId.test(spec) ? 'by-id' : undefined
}

/**
 * The UUID behind the name of a device. `type` is what the file system has to be, where the place that names it says so:
 * a name that would lead to another one was understood wrongly.
 */
export function stableDevice(inspection: Inspection, spec: string, type?: string): StableDevice {
  if (namingOf(spec) === undefined) return { kind: 'stable' }
  const found = filesystemNamed(inspection, spec)
  if (!found) return { kind: 'unknown', why: 'no file system of these disks is known to have that name' }
  if (found.uuid === undefined) return { kind: 'unknown', why: `${found.device} has no UUID` }
  if (type !== undefined && !fits(type, found.type)) {
    return { kind: 'unknown', why: `${found.device} holds ${found.type} and not ${type}` }
  }
  return { kind: 'uuid', spec: `UUID=${found.uuid}` }
}

/** The file system that the guest mounts somewhere. */
export function mountedAt({ filesystems }: Inspection, mountpoint: string): GuestFilesystem | undefined {
  return filesystems.find((filesystem) => filesystem.mountpoint === mountpoint)
}

function filesystemNamed(inspection: Inspection, spec: string): GuestFilesystem | undefined {
  const { filesystems, linux } = inspection
  const told = linux?.fstab.find((entry) => entry.spec === spec && entry.device !== undefined)?.device
  const device = told ?? deviceByName(filesystems, spec)
  return filesystems.find((filesystem) => filesystem.device === device)
}

// Disks have the same order in the guest as here; a path or a serial number says which one only where there is one disk.
function deviceByName(filesystems: readonly GuestFilesystem[], spec: string): string | undefined {
  const kernel = kernelName.exec(spec)
  if (kernel) return `/dev/sd${kernel[1]}${kernel[2]}`
  const nvme = nvmeName.exec(spec)
  if (nvme) return `/dev/sd${String.fromCharCode(97 + Number(nvme[1]))}${nvme[2] ?? ''}`
  const part = (byPath.exec(spec) ?? byId.exec(spec))?.[1] ?? ''
  const disks = new Set(filesystems.flatMap(({ device }) => /^\/dev\/sd[a-z]+/.exec(device)?.[0] ?? []))
  return disks.size === 1 ? `${[...disks][0]}${part}` : undefined
}

// ext4 drives the older ones, and `auto` is asked for where any will do.
function fits(wanted: string, found: string): boolean {
  const ext = /^ext[234]$/
  return wanted === found || wanted === 'auto' || (ext.test(wanted) && ext.test(found)) || wanted.includes(',')
}
