import type { Inspection, WindowsInspection } from './inspection.ts'

/** Drivers that a Windows needs on KVM: for its disk and for its network. */
const needed = ['viostor', 'netkvm'] as const
export type WindowsDriver = (typeof needed)[number]

/** Folders of virtio-win by their names, lower case: as its ISO calls them, and as its package does. */
interface Folders {
  readonly version: readonly [iso: string, unpacked: string]
  readonly architecture: readonly string[]
}

/**
 * Which folders of virtio-win are for this Windows; undefined when none is known to be. After `windows_virtio.ml` of virt-v2v
 * 2.2, which takes a driver by the folders that it lies in, wherever these are.
 */
export function driverFolders(
  { build, installation }: Pick<WindowsInspection, 'build' | 'installation'>,
  { architecture, version }: Pick<Inspection, 'architecture' | 'version'>,
): Folders | undefined {
  const names = installation === 'client' ? clientFolder(version, build) : serverFolder(version, build)
  const machine = { x86_64: ['amd64'], i386: ['x86', 'i386'] }[architecture]
  return names && machine ? { version: names, architecture: machine } : undefined
}

function clientFolder(version: string, build: number): Folders['version'] | undefined {
  if (version.startsWith('10.')) return build >= 22_000 ? ['w11', 'win11'] : ['w10', 'win10']
  if (version.startsWith('6.3')) return ['w8.1', 'win8.1']
  if (version.startsWith('6.2')) return ['w8', 'win8']
  return version.startsWith('6.1') ? ['w7', 'win7'] : undefined
}

function serverFolder(version: string, build: number): Folders['version'] | undefined {
  if (version.startsWith('10.')) {
    if (build >= 26_100) return ['2k25', 'win2025']
    if (build >= 20_348) return ['2k22', 'win2022']
    return build >= 17_763 ? ['2k19', 'win2019'] : ['2k16', 'win2016']
  }
  if (version.startsWith('6.3')) return ['2k12r2', 'win2012r2']
  if (version.startsWith('6.2')) return ['2k12', 'win2012']
  return version.startsWith('6.1') ? ['2k8r2', 'win2008r2'] : undefined
}

/** Those of the needed drivers of which virtio-win has no installable one there. `paths` are those of its files. */
export function lackingDrivers(paths: readonly string[], folders: Folders): readonly WindowsDriver[] {
  const fitting = paths
    .map((path) => path.toLowerCase().split('/'))
    .filter((parts) => {
      const within = parts.slice(0, -1)
      return [folders.version, folders.architecture].every((names) => names.some((name) => within.includes(name)))
    })
    .map((parts) => parts.at(-1))
  return needed.filter((driver) => !['sys', 'inf'].every((end) => fitting.includes(`${driver}.${end}`)))
}
