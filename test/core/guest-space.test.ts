import { describe, expect, it } from 'vitest'
import { spaceFindings } from '../../src/core/guest-space.ts'
import type { GuestFilesystem, GuestKernel, VirtioModule } from '../../src/core/inspection.ts'
import { virtioModules } from '../../src/core/inspection.ts'
import { refuseGuest } from '../../src/core/refuse-guest.ts'
import { inspectionOf } from '../adapters/guestfs/linux/guests.ts'

const mib = 1024 * 1024
const modules = { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'module' } as const
const kernel = (release: string, imageMib: number, holds: readonly VirtioModule[] = []): GuestKernel => ({
  release,
  virtio: modules,
  initramfs: { path: `/boot/initrd.img-${release}`, holds, bytes: imageMib * mib },
})
const mounted = (mountpoint: string, freeMib: number): GuestFilesystem => {
  return { device: '/dev/sda1', type: 'ext4', mountpoint, freeBytes: freeMib * mib }
}
const guest = (kernels: readonly GuestKernel[], filesystems: readonly GuestFilesystem[]) =>
  inspectionOf({ kernels, initramfsGrowth: 2 }, { filesystems })
const told = (...given: Parameters<typeof guest>) =>
  spaceFindings(guest(...given)).map(({ rule, subject, evidence }) => `${rule} ${subject}: ${evidence}`)

describe('a file system that is too full for the repair', () => {
  it('is /boot, by the largest that it has to hold at one time', () => {
    const root = mounted('/', 500)
    expect(told([kernel('1', 30)], [mounted('/boot', 60), root])).toEqual([])
    expect(told([kernel('1', 30)], [mounted('/boot', 59), root])).toEqual([
      'guest.boot_space /boot: 59 MiB free, and an initramfs made anew may take 60 MiB',
    ])
    // The second is made beside what the first has grown to.
    expect(told([kernel('1', 30), kernel('2', 30)], [mounted('/boot', 89), root])).toEqual([
      'guest.boot_space /boot: 89 MiB free, and an initramfs made anew may take 90 MiB',
    ])
    expect(told([kernel('1', 30, virtioModules)], [mounted('/boot', 1), root])).toEqual([])
  })

  it('is the root, which holds the copies, and without a /boot of its own both', () => {
    expect(told([kernel('1', 30)], [mounted('/boot', 99), mounted('/', 49)])).toEqual([
      'guest.root_space /: 49 MiB free, and a repair with copies of what it changes may take 50 MiB',
    ])
    expect(told([kernel('1', 30)], [mounted('/', 109)])).toEqual([
      'guest.boot_space /: 109 MiB free, and an initramfs made anew may take 110 MiB',
    ])
    expect(told([], [mounted('/', 300), mounted('/var', 19)])).toEqual([
      'guest.root_space /var: 19 MiB free, and a repair with copies of what it changes may take 20 MiB',
    ])
  })

  it('is not known where nobody looked', () => {
    expect(told([kernel('1', 30)], [{ device: '/dev/sda1', type: 'ext4', mountpoint: '/' }])).toEqual([])
  })
})

describe('what keeps a guest from being worked on', () => {
  const nothing = { configures: false, images: false, copies: false }
  const refused = (intended: Partial<typeof nothing>) => {
    const full = guest([kernel('1', 30)], [mounted('/boot', 1), mounted('/', 1)])
    return refuseGuest({ ...full, findings: spaceFindings(full) }, { ...nothing, ...intended }).map(
      ({ code, summary, hint }) => `${code} ${summary.split(',')[0]}: ${hint?.split(';')[1]}`,
    )
  }

  it('is a lack of space, where something is going to be written', () => {
    expect(refused({})).toEqual([])
    expect(refused({ images: true })).toEqual([
      'GUEST_REFUSED guest.boot_space: /boot: 1 MiB free:  or set pipeline.fix.regen_initramfs: false',
    ])
    expect(refused({ copies: true })).toEqual([
      'GUEST_REFUSED guest.root_space: /: 1 MiB free:  or set pipeline.fix.backup: false',
    ])
  })

  it('is a configuration for anything but Linux', () => {
    const windows = { family: 'windows', title: 'Windows 10 Pro', findings: [] } as const
    expect(refuseGuest(windows, nothing)).toEqual([])
    expect(refuseGuest(windows, { ...nothing, configures: true })).toMatchObject([{ code: 'NOT_BUILT' }])
  })
})
