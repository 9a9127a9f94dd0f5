import type { DescribedDisk, DescribedMachine } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest, ManifestDisk, ManifestNic } from './language/manifest.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import type { Disk, FilesTarget, Machine, MachineSource } from './machine.ts'
import { mapNic } from './mapping-network.ts'
import { fileNameOf } from './printable.ts'

/** Turns the paths of a manifest into absolute ones: core knows no file system. */
export interface Paths {
  fromManifest(path: string): string
  fromWorkspace(path: string): string
  join(folder: string, name: string): string
}

export interface Desired {
  readonly name: string
  readonly file: string
  readonly manifest: Manifest
}

/** A machine's name: what the source calls it, else what its file is called (its folder, for a `manifest.yaml`). */
export function machineName(manifest: Manifest, file: string): string {
  if (manifest.source.vm_name !== undefined) return manifest.source.vm_name
  const parts = file.split('/')
  const stem = (parts.at(-1) ?? file).replace(/\.[^.]+$/, '')
  return stem === 'manifest' ? (parts.at(-2) ?? stem) : stem
}

/** Where the machine's images are, or what cannot be honoured yet. */
export function sourceOf(manifest: Manifest, paths: Paths): MachineSource | Issue {
  const { provider, path, connection } = manifest.source
  if (provider === 'ova' || provider === 'ovf') {
    if (path !== undefined) return { provider, path: paths.fromManifest(path) }
    return { code: 'KEY_MISSING', path: ['source'], summary: `source.path is missing: which ${provider} is it?` }
  }
  // Disks that somebody exported already are files, whatever they were exported from.
  if (connection === undefined && manifest.disks !== undefined && manifest.disks.length > 0)
    return { provider: 'local' }
  if (provider === 'local') {
    return { code: 'KEY_MISSING', path: ['source'], summary: 'disks is missing: a local source cannot list them' }
  }
  return {
    code: 'NOT_BUILT',
    path: ['source', 'provider'],
    summary: `this version cannot read from ${provider}`,
    hint: 'export the machine to an OVA, or list its image files under disks',
  }
}

/** Completes what git says by what the source says; git wins. */
export function resolveMachine(
  desired: Desired,
  source: MachineSource,
  described: DescribedMachine | undefined,
  config: WorkspaceConfig,
  paths: Paths,
): { machine: Machine } | { issues: readonly Issue[] } {
  const { manifest, name, file } = desired
  const issues: Issue[] = []
  const target = targetOf(manifest, name, config, paths)
  if ('code' in target) return { issues: [target] }
  const hardware = hardwareOf(manifest, described, issues)
  const disks = disksOf(manifest, described, source, target, paths, issues)
  const nics = (manifest.nics ?? described?.nics.map(manifestNic) ?? []).flatMap((nic, index) => {
    const mapped = mapNic(name, nic, manifest.network_mapping ?? {}, ['nics', index])
    if (!('code' in mapped)) return [mapped]
    issues.push(mapped)
    return []
  })
  const convert = manifest.pipeline?.convert
  const conversion = {
    preallocation: (convert?.enabled ? convert.preallocation : undefined) ?? 'off',
    ...(convert?.enabled && convert.compress ? { compression: convert.compression ?? ('zlib' as const) } : {}),
  }
  checkConversion(convert, disks, issues)
  if (issues.length > 0 || !hardware) return { issues }
  const validate = manifest.pipeline?.validate
  const validation = validate?.enabled
    ? { checkImage: validate.check_image_integrity ?? true, compareSource: validate.compare_source ?? false }
    : undefined
  return {
    machine: { name, file, source, hardware, disks, nics, conversion, target, ...(validation ? { validation } : {}) },
  }
}

function targetOf(manifest: Manifest, name: string, config: WorkspaceConfig, paths: Paths): FilesTarget | Issue {
  const connection = manifest.target ?? config.defaults?.target
  const known = config.connections ?? {}
  if (connection !== undefined && !Object.hasOwn(known, connection)) {
    const path = manifest.target === undefined ? [] : ['target']
    const names = Object.keys(known).join(', ')
    return {
      code: 'CONNECTION_UNKNOWN',
      path,
      summary: `target "${connection}" is no connection of the workspace`,
      hint: names ? `there are: ${names}` : 'add it under connections in h2k.yaml',
    }
  }
  const directory = manifest.output?.directory
  return {
    kind: 'files',
    connection: connection ?? 'files',
    domainType: (connection === undefined ? undefined : known[connection]?.domain_type) ?? 'kvm',
    directory:
      directory === undefined ? paths.fromWorkspace(`output/${fileNameOf(name)}`) : paths.fromManifest(directory),
  }
}

function hardwareOf(manifest: Manifest, described: DescribedMachine | undefined, issues: Issue[]) {
  const vm = manifest.vm ?? {}
  const cpus = vm.cpu ?? described?.cpu
  const memoryMib = vm.mem_gb === undefined ? described?.memoryMib : Math.round(vm.mem_gb * 1024)
  if (cpus === undefined) issues.push({ code: 'KEY_MISSING', path: ['vm'], summary: 'vm.cpu is missing' })
  if (memoryMib === undefined) issues.push({ code: 'KEY_MISSING', path: ['vm'], summary: 'vm.mem_gb is missing' })
  if (cpus === undefined || memoryMib === undefined) return undefined
  const firmware = vm.firmware ?? described?.firmware ?? 'bios'
  const secureBoot = vm.secureboot ?? described?.secureBoot ?? false
  if (secureBoot && firmware !== 'uefi') {
    issues.push({ code: 'VALUE_INVALID', path: ['vm'], summary: 'vm.secureboot needs vm.firmware: uefi' })
  }
  const machineType = vm.machine_type ?? ('q35' as const)
  if (secureBoot && machineType !== 'q35') {
    issues.push({ code: 'VALUE_INVALID', path: ['vm'], summary: 'vm.secureboot needs vm.machine_type: q35' })
  }
  return {
    cpus,
    memoryMib,
    firmware: firmware === 'uefi' ? ('uefi' as const) : ('bios' as const),
    secureBoot,
    tpm: vm.tpm ?? described?.tpm ?? false,
    machineType,
    cpuMode: vm.cpu_mode ?? ('host-passthrough' as const),
    os: [vm.os_hint ?? described?.osId ?? 'unknown', vm.os_version].filter(Boolean).join(' '),
  }
}

function disksOf(
  manifest: Manifest,
  described: DescribedMachine | undefined,
  source: MachineSource,
  target: FilesTarget,
  paths: Paths,
  issues: Issue[],
): Disk[] {
  const listed = manifest.disks ?? described?.disks.map(manifestDisk) ?? []
  if (listed.length === 0) issues.push({ code: 'KEY_MISSING', path: ['disks'], summary: 'the machine has no disk' })
  const ids = listed.map((disk) => disk.id)
  const rank = (disk: ManifestDisk) => (disk.disk_type === 'boot' ? 0 : 1000) + (disk.boot_order_hint ?? 999)
  const order = listed.toSorted((a, b) => rank(a) - rank(b))
  return listed.map((disk, index) => {
    if (ids.indexOf(disk.id) !== index) {
      issues.push({
        code: 'NAME_DUPLICATE',
        path: ['disks', index, 'id'],
        summary: `two disks have the id "${disk.id}"`,
      })
    }
    const format = disk.format ?? manifest.output?.format ?? 'qcow2'
    const filename = manifest.output?.filename
    if (filename !== undefined && (listed.length > 1 || /[/\\\0]|^\.\.?$/.test(filename))) {
      const summary =
        listed.length > 1 ? 'output.filename is for a machine with one disk' : 'output.filename must be a plain name'
      issues.push({ code: 'VALUE_INVALID', path: ['output', 'filename'], summary })
    }
    const inside = described?.disks.find((candidate) => candidate.file === disk.local_path)
    if (described && !inside) {
      const names = described.disks.map((candidate) => candidate.file).join(', ')
      const summary = `disk ${disk.id}: the source has no "${disk.local_path}"`
      issues.push({ code: 'SOURCE_MISSING', path: ['disks', index, 'local_path'], summary, hint: `it has: ${names}` })
    }
    return {
      id: disk.id,
      virtualBytes: disk.bytes,
      from: {
        path: source.provider === 'local' ? paths.fromManifest(disk.local_path) : disk.local_path,
        format: disk.source_format,
      },
      bus: disk.bus ?? 'virtio',
      to: {
        path:
          disk.target_path === undefined
            ? paths.join(target.directory, filename ?? `${disk.id}.${format}`)
            : paths.fromManifest(disk.target_path),
        format,
      },
      bootOrder: order.indexOf(disk) + 1,
      ...(disk.label === undefined ? {} : { label: disk.label }),
      ...(disk.checksum ? { checksum: disk.checksum } : {}),
    }
  })
}

function checkConversion(
  convert: NonNullable<Manifest['pipeline']>['convert'],
  disks: readonly Disk[],
  issues: Issue[],
): void {
  if (!convert?.enabled) return
  const at = (key: string) => ['pipeline', 'convert', key]
  const level = convert.compress_level
  if (convert.compress && level !== undefined && !(level === 6 && convert.compression !== 'zstd')) {
    issues.push({
      code: 'NOT_BUILT',
      path: at('compress_level'),
      summary: `qemu-img compresses zlib at level 6 and zstd at its own level: ${level} would have no effect`,
      hint: 'remove compress_level',
    })
  }
  for (const { id, to } of disks) {
    if (convert.compress && to.format !== 'qcow2') {
      issues.push({
        code: 'VALUE_INVALID',
        path: at('compress'),
        summary: `disk ${id}: ${to.format} cannot be compressed`,
      })
    }
    const preallocation = convert.preallocation ?? 'off'
    if (preallocation !== 'off' && convert.compress) {
      const summary = 'a compressed image cannot be preallocated'
      issues.push({ code: 'VALUE_INVALID', path: at('preallocation'), summary })
    } else if (
      preallocation !== 'off' &&
      (to.format === 'vdi' || (to.format === 'raw' && preallocation === 'metadata'))
    ) {
      const summary = `disk ${id}: ${to.format} has no preallocation "${preallocation}"`
      issues.push({ code: 'VALUE_INVALID', path: at('preallocation'), summary })
    }
  }
}

/** A disk as the manifest would list it, had its writer copied it from the source's description. */
export function manifestDisk(disk: DescribedDisk, index: number): ManifestDisk {
  return {
    id: disk.id,
    source_format: disk.format,
    bytes: disk.virtualBytes,
    local_path: disk.file,
    boot_order_hint: index,
    ...(disk.label === undefined ? {} : { label: disk.label }),
  }
}

/** A NIC likewise. The source's model does not come along: the target has its own. */
export function manifestNic(nic: DescribedMachine['nics'][number]): ManifestNic {
  return { id: nic.id, network: nic.network, ...(nic.mac === undefined ? {} : { mac: nic.mac }) }
}
