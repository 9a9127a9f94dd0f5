import type { LinuxInspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'

const packages = /^(open-vm-tools(-.+)?|vmware-tools(-.+)?|vmtoolsd|open-vm-dkms|vmware-guestd)$/
// What vmware-install.pl of the tarball leaves.
const tarball = ['/etc/vmware-tools/locations', '/usr/bin/vmware-uninstall-tools.pl', '/usr/lib/vmware-tools']

/** VMware's tools, from the distribution or from VMware's own archive. */
export async function vmwareToolsOf(
  tree: GuestTree,
  installed: readonly string[],
): Promise<LinuxInspection['vmwareTools']> {
  const found = installed.filter((name) => packages.test(name))
  const traces = await Promise.all(tarball.map((path) => tree.kind(path)))
  return { packages: found, tarball: found.length === 0 && traces.some((kind) => kind !== undefined) }
}
