import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRunner } from '../../src/adapters/exec/runner.ts'
import { kvmWorks } from '../../src/adapters/guestfs/acceleration.ts'
import { type Appliance, startAppliance } from '../../src/adapters/guestfs/appliance.ts'
import { type Keys, writeHive } from './hive.ts'
import { qemuImg } from './machines.ts'

const never = new AbortController().signal
const currentVersion = 'Microsoft\\Windows NT\\CurrentVersion'

const software: Keys = {
  [currentVersion]: {
    ProductName: 'Windows 10 Pro',
    EditionID: 'Professional',
    InstallationType: 'Client',
    CurrentVersion: '6.3',
    CurrentBuild: '19045',
    CurrentBuildNumber: '19045',
    CurrentMajorVersionNumber: 10,
    CurrentMinorVersionNumber: 0,
    SystemRoot: 'C:\\Windows',
  },
  'Microsoft\\Windows\\CurrentVersion': { DevicePath: '%SystemRoot%\\inf' },
  'Microsoft\\Windows\\CurrentVersion\\Uninstall': {},
}

const system: Keys = {
  Select: { Current: 1, Default: 1, LastKnownGood: 1 },
  'ControlSet001\\Control\\Session Manager\\Environment': { PROCESSOR_ARCHITECTURE: 'AMD64' },
  'ControlSet001\\Control\\Session Manager\\Power': { HiberbootEnabled: 1 },
  'ControlSet001\\Control\\CriticalDeviceDatabase': {},
  'ControlSet001\\Control\\Class': {},
  'ControlSet001\\Enum': {},
  'ControlSet001\\Services\\Tcpip\\Parameters': { Hostname: 'win01' },
  'DriverDatabase\\DeviceIds\\PCI': {},
  'DriverDatabase\\DriverInfFiles': {},
  'DriverDatabase\\DriverPackages': {},
  MountedDevices: {},
}

/** Runs work in an appliance with this disk. */
export async function inAppliance<T>(
  image: string,
  format: string,
  work: (appliance: Appliance) => Promise<T>,
): Promise<T> {
  const runner = createRunner()
  const emulated = !(await kvmWorks(runner, never))
  const appliance = await startAppliance(runner, { temporary: `${image}.tmp`, emulated }, never)
  try {
    await appliance.call('add_drive_opts', [image], { options: { format } })
    await appliance.call('launch')
    const result = await work(appliance)
    await appliance.call('umount_all')
    await appliance.call('shutdown')
    return result
  } finally {
    await appliance.end()
  }
}

/** What is needed of a Windows 10 to be known as one. It boots nowhere. `more` are keys of its registry's SOFTWARE. */
export async function makeWindowsDisk(image: string, more: Keys = {}): Promise<void> {
  qemuImg('create', '-q', '-f', 'qcow2', image, '512M')
  await inAppliance(image, 'qcow2', async (appliance) => {
    const { call } = appliance
    await call('part_init', ['/dev/sda', 'mbr'])
    await call('part_add', ['/dev/sda', 'p', 2048, -128])
    await call('part_set_mbr_id', ['/dev/sda', 1, 7])
    await call('mkfs', ['ntfs', '/dev/sda1'])
    await call('mount', ['/dev/sda1', '/'])
    for (const folder of ['/Windows/System32/config', '/Windows/System32/drivers', '/Windows/inf', '/Program Files'])
      await call('mkdir_p', [folder])
    await writeHive(appliance, '/Windows/System32/config/SOFTWARE', { ...software, ...more })
    await writeHive(appliance, '/Windows/System32/config/SYSTEM', system)
    await call('write', ['/Windows/System32/cmd.exe', program()])
  })
}

// The headers of a program for Windows on x86-64: enough for file(1).
function program(): Buffer {
  const bytes = Buffer.alloc(512)
  bytes.write('MZ', 0, 'latin1')
  bytes.writeUInt32LE(0x80, 0x3c)
  bytes.write('PE\0\0', 0x80, 'latin1')
  bytes.writeUInt16LE(0x8664, 0x84)
  bytes.writeUInt16LE(0xf0, 0x94)
  bytes.writeUInt16LE(0x22, 0x96)
  bytes.writeUInt16LE(0x20b, 0x98)
  bytes.writeUInt16LE(3, 0xdc)
  return bytes
}

/** A folder as virtio-win has them, with files that drive nothing. */
export function makeVirtioWin(folder: string, version = 'w10'): void {
  for (const [device, driver] of [
    ['viostor', 'viostor'],
    ['NetKVM', 'netkvm'],
  ] as const) {
    const there = join(folder, device, version, 'amd64')
    mkdirSync(there, { recursive: true })
    for (const end of ['sys', 'inf', 'cat']) writeFileSync(join(there, `${driver}.${end}`), `phony ${driver}.${end}`)
  }
}
