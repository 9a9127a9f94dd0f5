import { describe, expect, it } from 'vitest'
import { judge } from '../../../../src/adapters/guestfs/inspect/findings.ts'
import { isDirty, volumeRecordAt } from '../../../../src/adapters/guestfs/inspect/ntfs.ts'
import type { GuestKernel, Inspection, WindowsInspection } from '../../../../src/core/inspection.ts'
import { bootSectorKind } from '../../../../src/core/ntfs-boot.ts'
import { inspected } from './trees.ts'

const base: Omit<Inspection, 'findings'> = {
  family: 'unknown',
  distribution: 'unknown',
  version: '',
  title: '',
  architecture: '',
  boots: { bios: true, uefi: false },
  bootLoader: 'grub2',
  filesystems: [],
  layers: [],
}
const none: Parameters<typeof judge>[2] = { others: [], bitlocker: [] }
const rules = (inspection: Partial<Inspection>, luks: Parameters<typeof judge>[1]['luks'] = [], seen = none) =>
  judge({ ...base, ...inspection }, { luks }, seen).map(({ rule, severity }) => `${severity} ${rule}`)

describe('what is found wrong', () => {
  it('a system that nobody knows, and one behind a lock', () => {
    expect(rules({})).toEqual(['error guest.unknown_system'])
    expect(rules({}, [{ device: '/dev/sda2', uuid: 'x' }])).toEqual([
      'error guest.unknown_system',
      'error guest.encrypted',
    ])
    expect(rules({ family: 'linux' }, [{ device: '/dev/sda2', opened: '/dev/mapper/h2k0' }])).toEqual([])
    expect(rules({ family: 'windows' }, [], { others: ['/dev/sdb1'], bitlocker: ['/dev/sda2'] })).toEqual([
      'warning guest.several_systems',
      'error guest.bitlocker',
    ])
  })

  it('a Linux that cannot boot on virtio', async () => {
    const { linux } = await inspected({})
    const kernel = (virtio: Partial<GuestKernel['virtio']>, initramfs?: GuestKernel['initramfs']): GuestKernel => ({
      release: '1',
      virtio: { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'module', ...virtio },
      ...(initramfs ? { initramfs } : {}),
    })
    const held = { path: '/boot/initrd', holds: [] }
    const of = (kernels: readonly GuestKernel[]) => rules({ family: 'linux', linux: { ...linux, kernels } })
    expect(of([])).toEqual(['warning guest.no_kernel'])
    expect(of([kernel({}, held)])).toEqual([])
    expect(of([kernel({})])).toEqual(['warning guest.no_initramfs'])
    expect(of([kernel({ virtio_blk: 'builtin' })])).toEqual([])
    expect(of([kernel({ virtio_net: 'absent' }, held)])).toEqual(['warning guest.no_virtio'])
    expect(of([kernel({ virtio_pci: 'absent' }, held)])).toEqual(['error guest.no_virtio'])
  })

  it('a Windows that was not shut down', () => {
    const fine: WindowsInspection = {
      build: 17763,
      edition: 'ServerStandard',
      controlSet: 1,
      dirtyNtfs: false,
      hibernated: false,
      fastStartup: false,
      bitlocker: false,
      pendingReboot: false,
      installation: 'server',
      freeBytes: 10 ** 9,
    }
    const of = (windows: Partial<WindowsInspection>) => rules({ family: 'windows', windows: { ...fine, ...windows } })
    expect(of({})).toEqual([])
    expect(of({ hibernated: true, fastStartup: true })).toEqual(['error guest.hibernated'])
    expect(of({ fastStartup: true, pendingReboot: true })).toEqual([
      'warning guest.fast_startup',
      'warning guest.pending_reboot',
    ])
    expect(of({ dirtyNtfs: true })).toEqual(['error guest.dirty_ntfs'])
  })
})

describe('NTFS', () => {
  const sector = (oem: string) => {
    const bytes = Buffer.alloc(512)
    bytes.write(oem, 3, 'latin1')
    bytes.writeUInt16LE(512, 11)
    bytes.writeUInt8(8, 13)
    bytes.writeBigUInt64LE(4n, 48)
    bytes.writeInt8(-10, 64)
    return bytes
  }
  const record = (flags: number) => {
    const bytes = Buffer.alloc(1024)
    bytes.write('FILE', 0, 'latin1')
    bytes.writeUInt16LE(56, 20)
    bytes.writeUInt32LE(0x10, 56)
    bytes.writeUInt32LE(96, 60)
    bytes.writeUInt32LE(0x70, 152)
    bytes.writeUInt32LE(40, 156)
    bytes.writeUInt16LE(24, 172)
    bytes.writeUInt16LE(flags, 152 + 24 + 10)
    return bytes
  }

  it('tells what a volume is', () => {
    expect(['NTFS    ', '-FVE-FS-', 'MSDOS5.0'].map((oem) => bootSectorKind(sector(oem)))).toEqual([
      'ntfs',
      'bitlocker',
      undefined,
    ])
  })

  it('keeps the mark of a volume that was not shut down', () => {
    expect(volumeRecordAt(sector('NTFS    '))).toEqual({ offset: 4 * 4096 + 3 * 1024, bytes: 1024 })
    const large = sector('NTFS    ')
    large.writeInt8(-8, 13)
    expect(volumeRecordAt(large)).toEqual({ offset: 4 * 2 ** 17 + 3 * 1024, bytes: 1024 })
    expect([record(0), record(1), record(0x8001), record(0x0080)].map(isDirty)).toEqual([false, true, true, false])
    expect(isDirty(Buffer.alloc(1024))).toBeUndefined()
  })
})
