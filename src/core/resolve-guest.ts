import type { DescribedMachine } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { Layer } from './layer.ts'
import type { Hardware, InspectionRequest, LuksKey, Nic } from './machine.ts'
import { nicNames } from './nic-names.ts'
import { originOf } from './origin.ts'
import type { RepairRequest } from './repair.ts'
import type { Paths } from './resolve-machine.ts'

/** What is looked for in the guest: asked for by itself, or since a repair needs it. */
export function resolveInspection(
  { pipeline }: Manifest,
  repaired: boolean,
  paths: Paths,
): InspectionRequest | undefined {
  const inspect = pipeline?.inspect
  if (!inspect?.enabled && !repaired) return undefined
  const keys = inspect?.luks_keys ?? []
  return { collectGuestInfo: inspect?.collect_guest_info ?? false, luksKeys: keys.map((key) => luksKey(key, paths)) }
}

type ManifestKey = NonNullable<NonNullable<NonNullable<Manifest['pipeline']>['inspect']>['luks_keys']>[number]

function luksKey({ device, ...from }: ManifestKey, paths: Paths): LuksKey {
  return {
    ...(device === undefined ? {} : { device }),
    from: 'key_env' in from ? { env: from.key_env } : { file: paths.fromManifest(from.key_file) },
  }
}

interface Given {
  readonly described: DescribedMachine | undefined
  readonly hardware: Hardware | undefined
  readonly nics: readonly Nic[]
  readonly layers: readonly Layer[]
  readonly paths: Paths
}

/** What the guest is changed for, with every default; undefined when it stays as it is. */
export function resolveRepair(
  { pipeline, configuration }: Manifest,
  { described, hardware, nics, layers, paths }: Given,
  issues: Issue[],
): RepairRequest | undefined {
  const fix = pipeline?.fix
  const wanted = fix?.enabled === true && fix.fixer !== 'none'
  const byVirtV2v = wanted && fix.fixer === 'virt-v2v'
  const fixes = wanted && !byVirtV2v
  const configured = saysAnything(configuration)
  if (byVirtV2v && pipeline?.inspect?.luks_keys?.length) {
    issues.push({
      code: 'NOT_BUILT',
      path: ['pipeline', 'fix', 'fixer'],
      summary: 'pipeline.fix.fixer: this version gives virt-v2v no keys to encrypted disks',
      hint: 'set pipeline.fix.fixer: builtin',
    })
  }
  if (!hardware || (!wanted && !configured)) return undefined
  const names = nicNames(hardware.machineType, nics)
  return {
    ...(byVirtV2v ? { fixer: 'virt-v2v' } : {}),
    ...(wanted && fix.virtio_win !== undefined ? { virtioWin: pathOf(fix.virtio_win, layers, paths) } : {}),
    backup: fix?.backup ?? true,
    printFstab: fixes && (fix?.print_fstab ?? false),
    updateGrub: fixes && (fix?.update_grub ?? true),
    regenerateInitramfs: fixes && (fix?.regen_initramfs ?? true),
    fstabMode: fixes ? (fix?.fstab_mode ?? 'stabilize-all') : 'noop',
    removeVmwareTools: fixes && (fix?.remove_vmware_tools ?? false),
    networkMode: fixes ? (fix?.network_mode ?? 'rename') : 'keep',
    serialConsole: fixes && (fix?.serial_console ?? false),
    adaptDrivers: fixes,
    nics: nics.map(({ id, mac }, index) => {
      const [sourceMac, predictedName] = [described?.nics.find((nic) => nic.id === id)?.mac, names[index]]
      return { id, mac, ...(sourceMac ? { sourceMac } : {}), ...(predictedName ? { predictedName } : {}) }
    }),
    machineType: hardware.machineType,
    ...(configured && configuration ? { configuration } : {}),
  }
}

/** Whether anything is asked for: empty maps and lists, however deep, ask for nothing. */
function saysAnything(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).some(saysAnything) : value !== undefined
}

function pathOf(path: string, layers: readonly Layer[], paths: Paths): string {
  const origin = originOf(layers, ['pipeline', 'fix', 'virtio_win'])
  const file = origin && layers[origin.layer]?.origin.file
  return file === undefined ? paths.fromManifest(path) : paths.fromFile(file, path)
}
