import type { Issue } from './language/check.ts'
import type { Manifest, ManifestDisk } from './language/manifest.ts'
import type { Layer } from './layer.ts'
import { libvirtUri } from './libvirt-uri.ts'
import type { Disk, DiskPlace, MachineTarget } from './machine.ts'
import { originOf } from './origin.ts'
import { fileNameOf, printable } from './printable.ts'
import type { Paths } from './resolve-machine.ts'

export interface Placing {
  /** The machine's name. */
  readonly name: string
  readonly manifest: Manifest
  readonly layers: readonly Layer[]
  readonly target: MachineTarget
  readonly paths: Paths
}

/**
 * Where a converted disk belongs: what the disk itself says, else the mapping by its id, else by its datastore, else the
 * pool that `libvirt_integration` names, else what `on_unmapped` says, which is the default pool where there is one and the output folder where there is none.
 */
export function resolvePlace(
  disk: ManifestDisk & { readonly index: number },
  to: Disk['to'],
  placing: Placing,
  issues: Issue[],
): DiskPlace {
  const found = placeOf(disk, to, placing)
  if (found === undefined) {
    issues.push(unmapped(disk))
    return { kind: 'output' }
  }
  const { place, path } = found
  const refuse = (summary: string, hint?: string) => {
    issues.push({ code: 'VALUE_INVALID', path, summary: `disk ${disk.id}: ${summary}`, ...(hint ? { hint } : {}) })
  }
  if (disk.pool !== undefined && disk.target_path !== undefined) refuse('it has both a target_path and a pool')
  if (place.kind === 'pool') {
    // libvirt looks a pool up by its name and keeps it in a file called so.
    if (/[/\p{Cc}]/u.test(place.pool)) refuse(`${printable(place.pool)} is no name of a pool`)
    else if (placing.target.kind === 'files') {
      const hint = 'name a directory instead, with a / in it'
      refuse(`it goes to the pool "${printable(place.pool)}", and a folder has no pools`, hint)
    }
  }
  // XML has no way to write most of them.
  if (place.kind === 'file' && /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(place.path)) {
    refuse('its path has a control character')
  }
  if (place.kind !== 'pool' && placing.target.kind === 'libvirt' && libvirtUri(placing.target.uri)?.remote) {
    const summary = `disk ${disk.id}: ${placing.target.uri} is another host, so it has to go into a pool there`
    issues.push({ code: 'VALUE_INVALID', path, summary, hint: 'libvirt_integration: {import_to_pool: default}' })
  }
  return place.kind === 'file' && place.path === to.path ? { kind: 'output' } : place
}

/** A place, and the key that says it. */
interface Found {
  readonly place: DiskPlace
  readonly path: Issue['path']
}

function placeOf(disk: ManifestDisk & { readonly index: number }, to: Disk['to'], placing: Placing): Found | undefined {
  const { manifest, paths, target } = placing
  const mapping = manifest.storage_mapping ?? {}
  const volume = (pool: string): DiskPlace => ({ kind: 'pool', pool, volume: volumeName(disk, to, placing) })
  if (disk.target_path !== undefined) {
    const path = ['disks', disk.index, 'target_path']
    return { place: { kind: 'file', path: paths.fromManifest(disk.target_path) }, path }
  }
  if (disk.pool !== undefined) return { place: volume(disk.pool), path: ['disks', disk.index, 'pool'] }
  const mappings = mapping.disk_mappings ?? {}
  const key = [disk.id, disk.datastore].find((name) => name !== undefined && Object.hasOwn(mappings, name))
  const value = key === undefined ? undefined : mappings[key]
  if (key !== undefined && value !== undefined) {
    const path = ['storage_mapping', 'disk_mappings', key]
    if (!isDirectory(value)) return { place: volume(value), path }
    const name = manifest.output?.filename ?? volumeName(disk, to, placing)
    return { place: { kind: 'file', path: paths.join(directoryAt(path, value, placing), name) }, path }
  }
  const pool = manifest.libvirt_integration?.import_to_pool
  if (pool !== undefined && target.kind === 'libvirt') {
    return { place: volume(pool), path: ['libvirt_integration', 'import_to_pool'] }
  }
  const otherwise = mapping.on_unmapped ?? (mapping.default_pool === undefined ? 'keep' : 'default')
  if (otherwise === 'keep') return { place: { kind: 'output' }, path: [] }
  if (otherwise === 'error' || mapping.default_pool === undefined) return undefined
  return { place: volume(mapping.default_pool), path: ['storage_mapping', 'default_pool'] }
}

/** What a disk is called among those of other machines. */
function volumeName({ id }: ManifestDisk, { format }: Disk['to'], { name, target }: Placing): string {
  return `${fileNameOf(target.kind === 'libvirt' ? target.domain : name)}-${id}.${format}`
}

// A pool's name has no slash, and a directory without one can be written with `./`.
function isDirectory(value: string): boolean {
  return value.includes('/')
}

// As the file that says it means it: a mapping may stand in a file of its own.
function directoryAt(path: Issue['path'], value: string, { layers, paths }: Placing): string {
  const found = originOf(layers, path)
  const layer = found && layers[found.layer]
  return layer ? paths.fromFile(layer.origin.file, value) : paths.fromManifest(value)
}

function unmapped({ id, datastore, index }: ManifestDisk & { readonly index: number }): Issue {
  const from = datastore === undefined ? '' : `, nor for its datastore "${printable(datastore)}"`
  return {
    code: 'MAPPING_DISK_MISSING',
    path: ['disks', index],
    summary: `disk ${id}: no mapping for it${from}`,
    hint: `add it under storage_mapping.disk_mappings, such as ${JSON.stringify(datastore ?? id)}: /srv/vms`,
  }
}
