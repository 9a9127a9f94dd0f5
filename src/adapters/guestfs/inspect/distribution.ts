import type { LinuxInspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'

export interface Distribution {
  readonly distribution: string
  readonly version: string
  readonly title: string
}

/** What a Linux calls itself: os-release(5), and for those from before it the file of their own. */
export async function readDistribution(tree: GuestTree): Promise<Distribution> {
  const text = (await tree.read('/etc/os-release')) ?? (await tree.read('/usr/lib/os-release'))
  if (text === undefined) return readRelease(tree)
  const fields = readAssignments(text)
  const name = fields.get('NAME') ?? 'Linux'
  const version = fields.get('VERSION_ID') ?? ''
  return {
    distribution: fields.get('ID') ?? 'linux',
    version,
    title: fields.get('PRETTY_NAME') ?? `${name} ${version}`.trim(),
  }
}

// `CentOS release 6.10 (Final)`
const releases: readonly (readonly [path: string, pattern: RegExp, distribution: string])[] = [
  ['/etc/redhat-release', /^CentOS/i, 'centos'],
  ['/etc/redhat-release', /^Red Hat/i, 'rhel'],
  ['/etc/redhat-release', /./, 'rhel-like'],
  ['/etc/SuSE-release', /^SUSE Linux Enterprise/i, 'sles'],
  ['/etc/SuSE-release', /./, 'opensuse'],
  ['/etc/debian_version', /./, 'debian'],
]

async function readRelease(tree: GuestTree): Promise<Distribution> {
  for (const [path, pattern, distribution] of releases) {
    const [title = ''] = ((await tree.read(path)) ?? '').split('\n')
    if (!pattern.test(title)) continue
    const version = title.match(/\d+(\.\d+)*/)?.[0] ?? ''
    return { distribution, version, title: path === '/etc/debian_version' ? `Debian ${title}` : title }
  }
  return { distribution: 'linux', version: '', title: 'Linux' }
}

/** Lines of a shell that set a variable to a constant: `NAME="value"`. */
export function readAssignments(text: string): ReadonlyMap<string, string> {
  const matches = text.matchAll(/^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/gm)
  return new Map([...matches].map(([, name = '', value = '']) => [name, unquoted(value)]))
}

function unquoted(value: string): string {
  const [, , inner] = value.match(/^(["'])(.*)\1$/) ?? []
  return (inner ?? value).replace(/\\(["'$`\\])/g, '$1')
}

/** Who installs packages, by whose database is there. */
export async function packageSystemOf(tree: GuestTree): Promise<LinuxInspection['packageSystem']> {
  if ((await tree.kind('/var/lib/dpkg/status')) !== undefined) return 'dpkg'
  if ((await tree.kind('/lib/apk/db/installed')) !== undefined) return 'apk'
  if ((await tree.kind('/var/lib/pacman/local')) !== undefined) return 'pacman'
  const folders = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm']
  for (const folder of folders) if ((await tree.list(folder)).length > 0) return 'rpm'
  return 'unknown'
}

/** The first process: the link that the kernel starts, or what only one of them has. */
export async function initOf(tree: GuestTree): Promise<LinuxInspection['init']> {
  const target = (await tree.readLink('/sbin/init')) ?? (await tree.readLink('/usr/sbin/init')) ?? ''
  if (target.includes('systemd')) return 'systemd'
  if (target.includes('busybox') || (await tree.kind('/sbin/openrc')) !== undefined) return 'openrc'
  if ((await tree.kind('/lib/systemd/systemd')) !== undefined && target === '') return 'systemd'
  return (await tree.kind('/etc/inittab')) !== undefined || (await tree.kind('/etc/init.d')) !== undefined
    ? 'sysvinit'
    : 'unknown'
}

/** The program that makes this guest's initramfs. */
export async function initramfsToolOf(tree: GuestTree): Promise<LinuxInspection['initramfsTool']> {
  const programs = [
    ['update-initramfs', 'initramfs-tools'],
    ['dracut', 'dracut'],
    ['mkinitcpio', 'mkinitcpio'],
    ['mkinitfs', 'mkinitfs'],
  ] as const
  for (const [program, tool] of programs) {
    for (const folder of ['/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
      if ((await tree.kind(`${folder}/${program}`)) !== undefined) return tool
    }
  }
  return 'unknown'
}

/** What SELinux is set to; `absent` where it is not installed. */
export async function selinuxOf(tree: GuestTree): Promise<LinuxInspection['selinux']> {
  const mode = readAssignments((await tree.read('/etc/selinux/config')) ?? '')
    .get('SELINUX')
    ?.toLowerCase()
  return mode === 'enforcing' || mode === 'permissive' || mode === 'disabled' ? mode : 'absent'
}
