import type { Inspection, LinuxInspection } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import type { Devices } from '../devices.ts'
import { builders } from '../linux/initramfs/builders.ts'
import { bootLoaderOf } from './boot.ts'
import { initOf, initramfsToolOf, packageSystemOf, readDistribution, selinuxOf } from './distribution.ts'
import { readCrypttab, readFstab } from './fstab.ts'
import { guestInfo } from './guest-info.ts'
import { type ReadInitramfs, readKernels } from './kernels.ts'
import { readNetwork } from './network.ts'
import { installedPackages } from './packages.ts'
import { vmwareToolsOf } from './vmware-tools.ts'

/** What was found in the files of a Linux. */
export interface LinuxFindings extends Pick<Inspection, 'distribution' | 'version' | 'title' | 'bootLoader'> {
  readonly linux: LinuxInspection
}

/** Reads a Linux by its files alone. */
export async function inspectLinux(
  tree: GuestTree,
  devices: Devices,
  readInitramfs: ReadInitramfs,
  { collectGuestInfo }: { readonly collectGuestInfo: boolean },
): Promise<LinuxFindings> {
  const crypttab = readCrypttab((await tree.read('/etc/crypttab')) ?? '', devices)
  const packageSystem = await packageSystemOf(tree)
  const packages = await installedPackages(tree, packageSystem)
  const machineId = (await tree.read('/etc/machine-id'))?.trim()
  const hostname = (await tree.read('/etc/hostname'))?.trim()
  const initramfsTool = await initramfsToolOf(tree)
  return {
    ...(await readDistribution(tree)),
    bootLoader: await bootLoaderOf(tree),
    linux: {
      fstab: readFstab((await tree.read('/etc/fstab')) ?? '', devices, crypttab),
      crypttab,
      kernels: await readKernels(tree, readInitramfs),
      initramfsTool,
      ...(initramfsTool === 'unknown' ? {} : { initramfsGrowth: await builders[initramfsTool].growth(tree) }),
      packageSystem,
      network: await readNetwork(tree),
      vmwareTools: await vmwareToolsOf(tree, packages),
      ...(machineId ? { machineId } : {}),
      ...(hostname ? { hostname } : {}),
      selinux: await selinuxOf(tree),
      init: await initOf(tree),
      ...(collectGuestInfo ? { info: await guestInfo(tree, packages) } : {}),
    },
  }
}
