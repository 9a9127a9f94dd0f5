import type { Inspection, WindowsInspection } from '../../../core/inspection.ts'
import { bootSectorKind } from '../../../core/ntfs-boot.ts'
import type { Appliance } from '../appliance.ts'
import type { Devices } from '../devices.ts'
import type { System } from '../mount-guest.ts'
import { spelt } from '../spelt.ts'
import { type Hive, withHive } from './hive.ts'
import { isDirty, volumeRecordAt } from './ntfs.ts'

const currentVersion = ['Microsoft', 'Windows NT', 'CurrentVersion']

/** Reads Windows by its registry, its hibernation file and its volumes. Its system volume is mounted, read only. */
export async function inspectWindows(
  appliance: Appliance,
  { root }: System,
  bitlocker: readonly string[],
): Promise<
  Pick<Inspection, 'distribution' | 'version' | 'title' | 'architecture' | 'bootLoader'> & {
    windows: WindowsInspection
  }
> {
  const software = await onHive(appliance, 'SOFTWARE', readSoftware)
  const system = await onHive(appliance, 'SYSTEM', readSystem)
  const build = software?.build ?? 0
  return {
    distribution: 'windows',
    version: [software?.major, software?.minor, build].filter((part) => part !== undefined).join('.'),
    title: software?.product ?? 'Windows',
    architecture: system?.architecture ?? '',
    bootLoader: 'windows',
    windows: {
      build,
      edition: software?.edition ?? '',
      installation: software?.installation?.toLowerCase() === 'client' ? 'client' : 'server',
      controlSet: system?.controlSet ?? 1,
      dirtyNtfs: await isDirtyVolume(appliance, root.device),
      hibernated: await isHibernated(appliance),
      fastStartup: system?.fastStartup ?? false,
      bitlocker: bitlocker.length > 0,
      pendingReboot: (software?.pendingReboot ?? false) || (system?.pendingRename ?? false),
      freeBytes: await freeBytes(appliance),
    },
  }
}

/** Partitions that BitLocker encrypts: what is in them nobody sees here. */
export async function encryptedVolumes({ call }: Appliance, { partitions }: Devices): Promise<readonly string[]> {
  const sectors = await Promise.all(partitions.map(({ device }) => call<Uint8Array>('pread_device', [device, 512, 0])))
  return partitions.flatMap(({ device }, index) => {
    return bootSectorKind(sectors[index] ?? new Uint8Array(512)) === 'bitlocker' ? [device] : []
  })
}

async function onHive<T>(appliance: Appliance, name: string, read: (hive: Hive) => Promise<T>): Promise<T | undefined> {
  const path = await spelt(appliance, `/Windows/System32/config/${name}`)
  return path === undefined ? undefined : await withHive(appliance, path, read)
}

async function readSoftware(hive: Hive) {
  const servicing = ['Microsoft', 'Windows', 'CurrentVersion', 'Component Based Servicing', 'RebootPending']
  const update = ['Microsoft', 'Windows', 'CurrentVersion', 'WindowsUpdate', 'Auto Update', 'RebootRequired']
  const build = Number(
    (await hive.text(currentVersion, 'CurrentBuild')) ?? (await hive.text(currentVersion, 'CurrentBuildNumber')),
  )
  // Before Windows 10 the version is one text.
  const [major, minor] = ((await hive.text(currentVersion, 'CurrentVersion')) ?? '').split('.').map(Number)
  return {
    product: await hive.text(currentVersion, 'ProductName'),
    edition: await hive.text(currentVersion, 'EditionID'),
    installation: await hive.text(currentVersion, 'InstallationType'),
    build: Number.isInteger(build) ? build : 0,
    major: (await hive.number(currentVersion, 'CurrentMajorVersionNumber')) ?? major,
    minor: (await hive.number(currentVersion, 'CurrentMinorVersionNumber')) ?? minor,
    pendingReboot: (await hive.has(servicing)) || (await hive.has(update)),
  }
}

async function readSystem(hive: Hive) {
  const controlSet = (await hive.number(['Select'], 'Current')) ?? 1
  const manager = [`ControlSet${String(controlSet).padStart(3, '0')}`, 'Control', 'Session Manager']
  const processor = (await hive.text([...manager, 'Environment'], 'PROCESSOR_ARCHITECTURE'))?.toLowerCase() ?? ''
  return {
    controlSet,
    architecture: { amd64: 'x86_64', x86: 'i386', arm64: 'aarch64' }[processor] ?? processor,
    fastStartup: (await hive.number([...manager, 'Power'], 'HiberbootEnabled')) === 1,
    pendingRename: await hive.has(manager, 'PendingFileRenameOperations'),
  }
}

async function freeBytes({ call }: Appliance): Promise<number> {
  const { bavail, bsize } = await call<Record<'bavail' | 'bsize', number>>('statvfs', ['/'])
  return bavail * bsize
}

// The file begins with what is in it: `hibr` while there is a system to be woken, `wake` and zeros after that.
async function isHibernated(appliance: Appliance): Promise<boolean> {
  const path = await spelt(appliance, '/hiberfil.sys')
  if (path === undefined) return false
  const head = await appliance.call<Uint8Array>('pread', [path, 4, 0])
  return ['hibr', 'rstr'].includes(Buffer.from(head).toString('latin1').toLowerCase())
}

async function isDirtyVolume({ call }: Appliance, device: string): Promise<boolean> {
  const sector = await call<Uint8Array>('pread_device', [device, 512, 0])
  const place = bootSectorKind(sector) === 'ntfs' ? volumeRecordAt(sector) : undefined
  if (!place) return false
  return isDirty(await call<Uint8Array>('pread_device', [device, place.bytes, place.offset])) ?? false
}
