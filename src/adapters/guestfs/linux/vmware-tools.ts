import type { LinuxInspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import type { Edit, Repair } from './repair.ts'

/** VMware's tools go: by the guest's package system, which needs no network for it, or by their own uninstaller. */
export const vmwareTools: Repair = {
  name: 'vmware-tools',
  async detect({ tree, linux, request }) {
    if (!request.removeVmwareTools) return []
    const { packages, tarball } = linux.vmwareTools
    return [
      ...(packages.length > 0 && !(await isSwitchedOff(tree)) ? [purge(tree, linux)] : []),
      ...(tarball && !(await isSwitchedOff(tree)) ? [uninstall(tree)] : []),
    ]
  },
}

// As distributions and VMware's own archive call them.
const units = ['open-vm-tools.service', 'vmtoolsd.service', 'vgauthd.service', 'vgauth.service', 'vmware-tools.service']
const uninstaller = '/usr/bin/vmware-uninstall-tools.pl'

function purge(tree: GuestTree, { packageSystem, vmwareTools: { packages } }: LinuxInspection): Edit {
  return {
    kind: 'act',
    subject: packages.join(', '),
    summary: 'removed',
    touches: packageSystem === 'rpm' ? ['/var/lib/rpm', '/usr/lib/sysimage/rpm'] : [],
    async perform() {
      const argv = removal(packageSystem, packages)
      const result = argv && (await tree.run(argv, { timeoutSeconds: 600 }))
      return result?.exitCode === 0 ? undefined : switchOff(tree, result?.output)
    },
  }
}

function removal(system: LinuxInspection['packageSystem'], packages: readonly string[]): readonly string[] | undefined {
  switch (system) {
    case 'dpkg':
      return ['env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--purge', ...packages]
    case 'rpm':
      return ['rpm', '-e', ...packages]
    case 'apk':
      return ['apk', 'del', '--no-network', ...packages]
    case 'pacman':
      return ['pacman', '-R', '--noconfirm', ...packages]
    case 'unknown':
      return undefined
  }
}

function uninstall(tree: GuestTree): Edit {
  return {
    kind: 'act',
    subject: 'VMware Tools',
    summary: 'removed by their own uninstaller',
    touches: [],
    async perform() {
      if ((await tree.kind(uninstaller)) === undefined) return switchOff(tree, undefined)
      const { exitCode, output } = await tree.run([uninstaller], { timeoutSeconds: 600 })
      return exitCode === 0 ? undefined : switchOff(tree, output)
    },
  }
}

/** They stay and do not start. systemd.unit(5): a unit that is a link to /dev/null is masked. */
async function switchOff(tree: GuestTree, output: string | undefined): Promise<string> {
  await tree.makeFolder('/etc/systemd/system')
  for (const unit of units) {
    const path = `/etc/systemd/system/${unit}`
    await tree.remove(path)
    await tree.link('/dev/null', path)
  }
  const started = [
    ...(await tree.glob('/etc/rc*.d/S*vmware-tools*')),
    ...(await tree.glob('/etc/rc.d/rc*.d/S*vmware-tools*')),
    ...(await tree.glob('/etc/rc*.d/S*open-vm-tools*')),
    ...(await tree.glob('/etc/init/vmware-tools*.conf')),
    ...(await tree.glob('/etc/runlevels/*/open-vm-tools')),
  ]
  for (const path of started) await tree.remove(path)
  const why = output?.trim().split('\n').at(-1)
  return `switched off, since they could not be removed${why ? `: ${why}` : ''}`
}

async function isSwitchedOff(tree: GuestTree): Promise<boolean> {
  return (await tree.readLink(`/etc/systemd/system/${units[0]}`)) === '/dev/null'
}
