import { describe, expect, it } from 'vitest'
import type { Inspection, WindowsInspection } from '../../src/core/inspection.ts'
import { driverFolders, lackingDrivers } from '../../src/core/windows-drivers.ts'
import { refuseWindows } from '../../src/core/windows-repair.ts'

const windows: WindowsInspection = {
  build: 17_763,
  edition: 'ServerStandard',
  installation: 'server',
  controlSet: 1,
  dirtyNtfs: false,
  hibernated: false,
  fastStartup: true,
  bitlocker: false,
  pendingReboot: false,
  freeBytes: 10 ** 9,
}
const inspection: Inspection = {
  family: 'windows',
  distribution: 'windows',
  version: '10.0.17763',
  title: 'Windows Server 2019 Standard',
  architecture: 'x86_64',
  boots: { bios: true, uefi: false },
  bootLoader: 'windows',
  filesystems: [],
  layers: [],
  windows,
  findings: [],
}
const files = (...folders: string[]) =>
  folders.flatMap((folder) =>
    ['viostor', 'netkvm'].flatMap((name) => [`${folder}/${name}.sys`, `${folder}/${name}.INF`]),
  )

describe('drivers for a Windows', () => {
  it.each([
    ['client', '6.1.7601', 7601, 'w7'],
    ['server', '6.1.7601', 7601, '2k8r2'],
    ['client', '6.3.9600', 9600, 'w8.1'],
    ['server', '6.3.9600', 9600, '2k12r2'],
    ['client', '10.0.19045', 19_045, 'w10'],
    ['client', '10.0.22631', 22_631, 'w11'],
    ['server', '10.0.14393', 14_393, '2k16'],
    ['server', '10.0.17763', 17_763, '2k19'],
    ['server', '10.0.20348', 20_348, '2k22'],
    ['server', '10.0.26100', 26_100, '2k25'],
    ['client', '5.1.2600', 2600, undefined],
  ] as const)('of a %s %s are in %#', (installation, version, build, folder) => {
    const found = driverFolders({ build, installation }, { version, architecture: 'x86_64' })
    expect(found?.version[0]).toBe(folder)
  })

  it('are looked for in folders of any order and spelling, for its architecture', () => {
    const folders = { version: ['2k19', 'win2019'], architecture: ['amd64'] } as const
    expect(lackingDrivers(files('NetKVM/2k19/amd64', 'viostor/2k19/amd64'), folders)).toEqual([])
    expect(lackingDrivers(files('drivers/AMD64/Win2019'), folders)).toEqual([])
    expect(lackingDrivers(files('viostor/2k19/x86', 'viostor/2k16/amd64'), folders)).toEqual(['viostor', 'netkvm'])
    expect(lackingDrivers(['viostor/2k19/amd64/viostor.sys'], folders)).toEqual(['viostor', 'netkvm'])
  })
})

describe('a Windows', () => {
  const means = { virtioWin: '/v.iso', drivers: files('viostor/2k19/amd64'), bootBus: 'virtio' } as const
  const told = (of: Partial<WindowsInspection>, by: Partial<Parameters<typeof refuseWindows>[1]> = {}) =>
    refuseWindows({ ...inspection, windows: { ...windows, ...of } }, { ...means, ...by }).map(({ summary }) =>
      summary.replace(/: .*/, ''),
    )

  it('is changed only when it can come out bootable', () => {
    expect(told({})).toEqual([])
    expect(told({}, { bootBus: 'sata' })).toEqual([])
    expect(told({ pendingReboot: true, freeBytes: 50 * 1024 * 1024 }, { bootBus: 'scsi', drivers: [] })).toEqual([
      'guest.pending_reboot',
      'guest.space',
      'guest.boot_driver',
      'guest.no_drivers',
    ])
    expect(told({ build: 20_348 })).toEqual(['guest.no_drivers'])
  })
})
