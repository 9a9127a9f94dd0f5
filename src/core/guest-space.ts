import { type Inspection, lackingDrivers } from './inspection.ts'
import type { Finding } from './outputs.ts'

const mib = 1024 * 1024
/** What any repair may write beside images: packages' records, small files and the copies of them. */
const forFiles = 20 * mib

/** File systems of a Linux that are too full for a repair: for the images made anew, or for what else it writes. */
export function spaceFindings({ filesystems, linux }: Pick<Inspection, 'filesystems' | 'linux'>): readonly Finding[] {
  if (!linux) return []
  const needs = new Map<string, { bytes: number; images: boolean }>()
  const need = (path: string, bytes: number, images: boolean) => {
    const mountpoint = mountpointOf(path, filesystems)
    const sum = needs.get(mountpoint) ?? { bytes: 0, images: false }
    needs.set(mountpoint, { bytes: sum.bytes + bytes, images: sum.images || images })
  }
  const images = linux.kernels.flatMap(({ initramfs, ...kernel }) => {
    return initramfs?.bytes !== undefined && lackingDrivers({ ...kernel, initramfs }).length > 0 ? [initramfs] : []
  })
  const [first] = images
  if (first && linux.initramfsGrowth !== undefined) {
    need(
      first.path,
      largest(
        images.map(({ bytes = 0 }) => bytes),
        linux.initramfsGrowth,
      ),
      true,
    )
  }
  const copies = images.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
  need('/var/lib', copies + forFiles, false)
  return [...needs].flatMap(([mountpoint, { bytes, images: holdsImages }]) => {
    const free = filesystems.find((one) => one.mountpoint === mountpoint)?.freeBytes
    if (free === undefined || free >= bytes) return []
    return [tooFull(mountpoint, free, bytes, holdsImages)]
  })
}

/** Each image is written beside the old one, which it then takes the place of. */
function largest(images: readonly number[], growth: number): number {
  let grown = 0
  let most = 0
  for (const bytes of images) {
    most = Math.max(most, grown + bytes * growth)
    grown += bytes * (growth - 1)
  }
  return Math.ceil(most)
}

function tooFull(mountpoint: string, free: number, bytes: number, images: boolean): Finding {
  const has = `${Math.floor(free / mib)} MiB free`
  const needed = `${Math.ceil(bytes / mib)} MiB`
  return {
    rule: images ? 'guest.boot_space' : 'guest.root_space',
    severity: 'warning',
    subject: mountpoint,
    evidence: images
      ? `${has}, and an initramfs made anew may take ${needed}`
      : `${has}, and a repair with copies of what it changes may take ${needed}`,
    hint: images
      ? 'at the source, remove kernels that are no longer used; or set pipeline.fix.regen_initramfs: false'
      : 'at the source, delete something; or set pipeline.fix.backup: false',
  }
}

/** Of the file system that a path lies in. */
function mountpointOf(path: string, filesystems: Inspection['filesystems']): string {
  const around = filesystems.flatMap(({ mountpoint }) => {
    return mountpoint !== undefined && `${path}/`.startsWith(`${mountpoint}/`.replace('//', '/')) ? [mountpoint] : []
  })
  return around.toSorted((a, b) => b.length - a.length)[0] ?? '/'
}
