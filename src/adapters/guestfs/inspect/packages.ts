import type { LinuxInspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'

/**
 * The names of all installed packages, sorted. The database of rpm is asked through the guest's own rpm; the others are
 * text.
 */
export async function installedPackages(
  tree: GuestTree,
  system: LinuxInspection['packageSystem'],
): Promise<readonly string[]> {
  switch (system) {
    case 'dpkg':
      return sorted(dpkgPackages(await tree.read('/var/lib/dpkg/status')))
    case 'apk':
      return sorted(
        [...((await tree.read('/lib/apk/db/installed')) ?? '').matchAll(/^P:(.+)$/gm)].map(([, name = '']) => name),
      )
    case 'pacman':
      return sorted(
        (await tree.list('/var/lib/pacman/local')).flatMap((name) => name.match(/^(.+)-[^-]+-[^-]+$/)?.[1] ?? []),
      )
    case 'rpm':
      return sorted(await rpmPackages(tree))
    case 'unknown':
      return []
  }
}

function dpkgPackages(status = ''): string[] {
  return status.split(/\n\n+/).flatMap((entry) => {
    const installed = /^Status: \S+ \S+ installed$/m.test(entry)
    return installed ? (entry.match(/^Package: (\S+)$/m)?.[1] ?? []) : []
  })
}

async function rpmPackages(tree: GuestTree): Promise<string[]> {
  const { exitCode, output } = await tree.run(['rpm', '-qa', '--queryformat', '%{NAME}\\n'])
  return exitCode === 0 ? output.split('\n').filter((line) => /^[A-Za-z0-9][\w.+-]*$/.test(line)) : []
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}
