import type { Devices } from '../../../../src/adapters/guestfs/devices.ts'
import { inspectLinux } from '../../../../src/adapters/guestfs/inspect/linux.ts'
import type { VirtioModule } from '../../../../src/core/inspection.ts'
import { type FakeProgram, type MemoryFile, memoryGuest } from '../../../support/guest-tree.ts'

export const devices: Devices = {
  disks: ['/dev/sda', '/dev/sdb'],
  filesystems: [
    { mountable: '/dev/sda1', device: '/dev/sda1', type: 'ext4', uuid: '1111-AAAA', label: 'boot' },
    { mountable: '/dev/vg-0/root', device: '/dev/vg-0/root', type: 'xfs', uuid: '2222' },
    { mountable: '/dev/sda3', device: '/dev/sda3', type: 'swap', uuid: '3333' },
    { mountable: '/dev/mapper/h2k0', device: '/dev/mapper/h2k0', type: 'ext4', uuid: '4444' },
    { mountable: '/dev/sdb1', device: '/dev/sdb1', type: 'ext4', label: 'my data' },
  ],
  luks: [{ device: '/dev/sda5', uuid: '5555', opened: '/dev/mapper/h2k0' }],
  layers: ['lvm', 'luks'],
  partitions: [
    { device: '/dev/sda1', uuid: 'aa-01' },
    { device: '/dev/sda3' },
    { device: '/dev/sda5' },
    { device: '/dev/sdb1', label: 'part of data' },
  ],
}

/** Inspects a Linux that consists of these files. */
export function inspected(
  files: Readonly<Record<string, MemoryFile>>,
  rest: {
    readonly initramfs?: readonly VirtioModule[]
    readonly programs?: readonly FakeProgram[]
    readonly collectGuestInfo?: boolean
  } = {},
) {
  const tree = memoryGuest(files, ...(rest.programs ?? []))
  const readInitramfs = async () => rest.initramfs ?? []
  return inspectLinux(tree, devices, readInitramfs, { collectGuestInfo: rest.collectGuestInfo ?? false })
}
