import { expect } from 'vitest'
import { hasModule } from '../../../../src/adapters/guestfs/inspect/kernels.ts'
import { planLinuxRepairs, type RepairOptions, repairLinux } from '../../../../src/adapters/guestfs/linux/repairs.ts'
import {
  type GuestFilesystem,
  type Inspection,
  type LinuxInspection,
  virtioModules,
} from '../../../../src/core/inspection.ts'
import type { RepairOutcome, RepairRequest } from '../../../../src/core/repair.ts'
import { type FakeProgram, type MemoryFile, type MemoryGuest, memoryGuest } from '../../../support/guest-tree.ts'

const uuid = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`

/** One disk with a root file system and swap, unless more is said. */
export const filesystems: readonly GuestFilesystem[] = [
  { device: '/dev/sda1', type: 'ext4', uuid: uuid(1), mountpoint: '/' },
  { device: '/dev/sda5', type: 'swap', uuid: uuid(5) },
]

/** As the inspection of a Debian with nothing to repair would be. */
export function inspectionOf(linux: Partial<LinuxInspection> = {}, rest: Partial<Inspection> = {}): Inspection {
  return {
    family: 'linux',
    distribution: 'debian',
    version: '12',
    title: 'Debian GNU/Linux 12 (bookworm)',
    architecture: 'x86_64',
    boots: { bios: true, uefi: false },
    bootLoader: 'grub2',
    filesystems,
    layers: [],
    findings: [],
    ...rest,
    linux: {
      fstab: [],
      crypttab: [],
      kernels: [],
      initramfsTool: 'initramfs-tools',
      packageSystem: 'dpkg',
      network: [],
      vmwareTools: { packages: [], tarball: false },
      selinux: 'absent',
      init: 'systemd',
      ...linux,
    },
  }
}

/** Everything off that is not asked for: each test sees one repair. */
export const quiet: RepairRequest = {
  backup: false,
  printFstab: false,
  updateGrub: false,
  regenerateInitramfs: false,
  fstabMode: 'noop',
  removeVmwareTools: false,
  networkMode: 'keep',
  serialConsole: false,
  adaptDrivers: false,
  nics: [],
  machineType: 'q35',
}

export interface Repaired extends RepairOutcome {
  readonly tree: MemoryGuest
  /** All diffs, in the order of the changes. */
  readonly diff: string
}

/** An image is text here: the names of the files in it. */
export const optionsFor = (tree: MemoryGuest): RepairOptions => ({
  signal: new AbortController().signal,
  emulated: false,
  async readInitramfs(path) {
    const names = (await tree.read(path))?.split('\n') ?? []
    return virtioModules.filter((module) => hasModule(names, module))
  },
})

/** Plans, repairs, and repairs again: the plan has to be the repair's own words, and the second run has to find nothing. */
export async function repaired(
  files: Readonly<Record<string, MemoryFile>>,
  request: Partial<RepairRequest>,
  inspection: Inspection = inspectionOf(),
  /** What is found once the guest is repaired, where that is something else. */
  afterwards: Inspection = inspection,
  ...programs: readonly FakeProgram[]
): Promise<Repaired> {
  const tree = memoryGuest(files, ...programs)
  const wanted = { ...quiet, ...request }
  const options = optionsFor(tree)
  const untouched = tree.files()
  const plan = await planLinuxRepairs(tree, inspection, wanted, options)
  expect(tree.files()).toEqual(untouched)
  const outcome = await repairLinux(tree, inspection, wanted, options)
  const labels = (changes: RepairOutcome['changes']) =>
    changes.filter(({ repair }) => repair !== 'selinux').map(({ subject }) => subject)
  expect(labels(plan.changes)).toEqual(labels(outcome.changes))
  const after = tree.files()
  const again = await repairLinux(tree, afterwards, wanted, options)
  expect(again.changes).toEqual([])
  expect(tree.files()).toEqual(after)
  return { ...outcome, tree, diff: outcome.changes.map(({ diff = '' }) => diff).join('') }
}
