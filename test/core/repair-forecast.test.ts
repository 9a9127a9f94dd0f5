import { describe, expect, it } from 'vitest'
import type { Inspection, LinuxInspection } from '../../src/core/inspection.ts'
import type { RepairRequest } from '../../src/core/repair.ts'
import { forecast } from '../../src/core/repair-forecast.ts'
import { usualRepair } from '../support/repair-request.ts'

const linux: LinuxInspection = {
  fstab: [{ line: 1, spec: '/dev/sda1', mountpoint: '/', type: 'ext4', options: 'defaults' }],
  crypttab: [],
  kernels: [
    {
      release: '6.1',
      virtio: { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'module' },
      initramfs: { path: '/boot/initrd.img-6.1', holds: [] },
    },
  ],
  initramfsTool: 'initramfs-tools',
  packageSystem: 'dpkg',
  network: [{ system: 'ifupdown', interfaces: [{ file: '/etc/network/interfaces', name: 'ens192' }] }],
  vmwareTools: { packages: ['open-vm-tools'], tarball: false },
  selinux: 'absent',
  init: 'systemd',
}

const inspection = { distribution: 'debian', version: '12', linux } as unknown as Inspection

const request: RepairRequest = {
  ...usualRepair,
  nics: [{ id: 'nic0', mac: '00:50:56:aa:bb:01', predictedName: 'enp1s0' }],
}

const of = (rest: Partial<RepairRequest>, other: Partial<LinuxInspection> = {}) =>
  forecast({ ...inspection, linux: { ...linux, ...other } }, { ...request, ...rest })

describe('what a repair will come to', () => {
  it('as a plan says it', () => {
    expect(of({})).toBe('debian 12: fstab by UUID, virtio into initramfs, ens192 -> enp1s0, open-vm-tools removed')
  })

  it('no more than is asked for', () => {
    const nothing = { regenerateInitramfs: false, removeVmwareTools: false, networkMode: 'keep' } as const
    expect(of({ ...nothing, fstabMode: 'bypath-only' })).toBe('debian 12: nothing to repair that is known before')
    expect(of({ ...nothing, fstabMode: 'noop', configuration: { hostname: { hostname: 'a' } } })).toBe(
      'debian 12: configuration: hostname',
    )
  })

  it('no more than is needed', () => {
    const [kernel] = linux.kernels
    const ready = { path: '/boot/initrd.img-6.1', holds: ['virtio_blk'] as const }
    expect(
      of(
        {},
        {
          fstab: [{ line: 1, spec: 'UUID=1', mountpoint: '/', type: 'ext4', options: 'defaults' }],
          kernels: kernel ? [{ ...kernel, initramfs: ready }] : [],
          network: [{ system: 'ifupdown', interfaces: [{ file: '/etc/network/interfaces', name: 'enp1s0' }] }],
          vmwareTools: { packages: [], tarball: true },
        },
      ),
    ).toBe('debian 12: VMware Tools removed')
  })

  it('is what a hostile guest calls itself, made printable', () => {
    expect(forecast({ ...inspection, distribution: 'a\u001b[31m' }, request)).toMatch(/^a\\u\{1b\}\[31m 12: /)
  })
})
