import type { Manifest } from './language/manifest.ts'
import type { JsonObject, Path } from './layer.ts'

/** Keys of a map that count only while something else is on. */
export interface Switch {
  readonly block: Path
  /** What switches them off. */
  readonly by: readonly Path[]
  readonly isOff: (block: JsonObject, seen: Seen) => boolean
  /** What they have no effect without. */
  readonly needs: string
  /** What to write so that they have one. */
  readonly way: string
  /** With the value that says no more than what happens anyway. */
  readonly keys: Readonly<Record<string, unknown>>
}

interface Seen {
  readonly manifest: Manifest
  readonly inLibvirt: boolean
}

const ofCompression = { compression: undefined, compress_level: undefined }
const ofRepair = {
  print_fstab: false,
  update_grub: true,
  regen_initramfs: true,
  fstab_mode: 'stabilize-all',
  remove_vmware_tools: false,
  network_mode: 'rename',
  serial_console: false,
}
const ofWindows = { virtio_win: undefined }
const ofPools = {
  pool_path: '/var/lib/libvirt/images',
  pool_xml: undefined,
  copy_disks: true,
  overwrite_volumes: false,
}
const ofSnapshot = { snapshot_name: 'pre-first-boot' }
const ofDefinition = { overwrite_domain: false }

const libvirt = ['libvirt_integration']

/** Each row is of one thing that is switched off: a key has no effect for the first reason only. */
export const switches: readonly Switch[] = [
  unless(['pipeline', 'inspect'], 'enabled', { collect_guest_info: false, luks_keys: undefined }, (seen) => {
    return !repairs(seen) && !configures(seen)
  }),
  unless(['pipeline', 'fix'], 'enabled', { fixer: 'builtin', boot_phase: 'virtio', ...ofWindows, ...ofRepair }),
  unless(['pipeline', 'fix'], 'enabled', { backup: true }, (seen) => !configures(seen)),
  withFixer('none', { ...ofWindows, ...ofRepair }),
  withFixer('virt-v2v', ofRepair),
  withFixer('none', { backup: true }, (seen) => !configures(seen)),
  withFixer('virt-v2v', { backup: true }, (seen) => !configures(seen)),
  unless(['pipeline', 'convert'], 'enabled', {
    compress: false,
    ...ofCompression,
    preallocation: 'off',
    direct_io: false,
    skip: undefined,
  }),
  unless(['pipeline', 'convert'], 'compress', ofCompression, ({ manifest }) => manifest.pipeline?.convert?.enabled),
  unless(['pipeline', 'validate'], 'enabled', { check_image_integrity: true, compare_source: false }),
  unless(['pipeline', 'validate', 'boot_test'], 'enabled', { timeout_seconds: 600, expect: undefined }),
  {
    ...unless(['options', 'report'], 'enabled', { path: 'report.json' }),
    isOff: ({ enabled }) => enabled === false,
  },
  {
    block: libvirt,
    by: [['target'], [...libvirt, 'enabled']],
    isOff: (_, { inLibvirt }) => !inLibvirt,
    needs: 'unless the machine goes to a libvirt',
    way: 'name a target of type libvirt, set libvirt_integration.enabled: true',
    keys: {
      ...{ uri: undefined, vm_name: undefined, define_domain: true, import_to_pool: undefined },
      ...{ create_snapshot: false, autostart: false, auto_start: false },
      ...{ ...ofDefinition, ...ofPools, ...ofSnapshot },
    },
  },
  unless(libvirt, 'create_snapshot', ofSnapshot, ({ inLibvirt }) => inLibvirt),
  {
    block: libvirt,
    by: [[...libvirt, 'define_domain']],
    isOff: ({ define_domain: defined }, { inLibvirt }) => inLibvirt && defined === false,
    needs: 'with define_domain: false',
    way: 'set libvirt_integration.define_domain: true',
    keys: ofDefinition,
  },
  {
    block: libvirt,
    by: [],
    isOff: (_, { inLibvirt, manifest }) => inLibvirt && !namesPool(manifest),
    needs: 'on a machine without a disk in a pool',
    way: 'set libvirt_integration.import_to_pool',
    keys: ofPools,
  },
  {
    block: libvirt,
    by: [['cutover']],
    isOff: (_, { inLibvirt, manifest }) => inLibvirt && Object.keys(manifest.cutover ?? {}).length > 0,
    needs: 'with a cutover, which starts the machine',
    way: 'remove cutover',
    keys: { auto_start: false },
  },
]

/** The keys that count while one of the same map is true, where `also` holds. */
function unless(
  block: Path,
  key: string,
  keys: Switch['keys'],
  also: (seen: Seen) => boolean | undefined = () => true,
): Switch {
  return {
    block,
    by: [[...block, key]],
    isOff: (map, seen) => map[key] !== true && also(seen) === true,
    needs: `without ${key}: true`,
    way: `set ${block.join('.')}.${key}: true`,
    keys,
  }
}

/** The keys of `fix` in which a fixer other than h2k itself has no part, where `also` holds. */
function withFixer(
  other: 'none' | 'virt-v2v',
  keys: Switch['keys'],
  also: (seen: Seen) => boolean = () => true,
): Switch {
  return {
    block: ['pipeline', 'fix'],
    by: [['pipeline', 'fix', 'fixer']],
    isOff: ({ enabled, fixer }, seen) => enabled === true && fixer === other && also(seen),
    needs: `with fixer: ${other}`,
    way: 'set pipeline.fix.fixer: builtin',
    keys,
  }
}

function repairs({ manifest }: Seen): boolean {
  const fix = manifest.pipeline?.fix
  return fix?.enabled === true && fix.fixer !== 'none'
}

function configures({ manifest: { configuration } }: Seen): boolean {
  return configuration !== undefined && Object.keys(configuration).length > 0
}

function namesPool({ libvirt_integration: wanted, storage_mapping: mapping, disks = [] }: Manifest): boolean {
  const places = Object.values(mapping?.disk_mappings ?? {})
  return (
    wanted?.import_to_pool !== undefined ||
    mapping?.default_pool !== undefined ||
    places.some((place) => !place.includes('/')) ||
    disks.some(({ pool }) => pool !== undefined)
  )
}
