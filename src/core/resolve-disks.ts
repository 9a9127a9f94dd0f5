import type { DescribedDisk, DescribedMachine } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest, ManifestDisk } from './language/manifest.ts'
import type { Disk, Machine, MachineSource } from './machine.ts'
import { printable } from './printable.ts'
import { resolveDriver } from './resolve-driver.ts'
import { type Placing, resolvePlace } from './resolve-place.ts'
import { sourcePath } from './source-address.ts'

// Two channels with two disks each is all the IDE that a PC has.
const maxIdeDisks = 4

/** The disks in the manifest's order, with where each comes from, is written and goes to. */
export function resolveDisks(
  described: DescribedMachine | undefined,
  source: MachineSource,
  { bootPhase, ...placing }: Placing & Pick<Machine, 'bootPhase'>,
  issues: Issue[],
): readonly Disk[] {
  const { manifest, target, paths } = placing
  const listed = manifest.disks ?? described?.disks.map(manifestDisk) ?? []
  if (listed.length === 0) issues.push({ code: 'KEY_MISSING', path: ['disks'], summary: 'the machine has no disk' })
  checkIds(listed, issues)
  checkSizes(manifest, issues)
  checkFilename(manifest, listed, issues)
  checkBuses(manifest, listed, issues)
  if (described) checkNames(listed, described, issues)
  const order = listed.toSorted((a, b) => bootRank(a) - bootRank(b) || typeRank(a) - typeRank(b))
  return listed.map((disk, index) => {
    const format = disk.format ?? manifest.storage_mapping?.format_override ?? manifest.output?.format ?? 'qcow2'
    const name = manifest.output?.filename ?? `${disk.id}.${format}`
    const to = { path: paths.join(target.directory, name), format }
    // XML has no way to write most of them.
    if (/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(to.path)) {
      const summary = `disk ${disk.id}: its path has a control character`
      issues.push({ code: 'VALUE_INVALID', path: ['output'], summary })
    }
    const datastore = disk.datastore ?? described?.disks.find(({ file }) => file === disk.local_path)?.datastore
    const placed = { ...disk, index, ...(datastore === undefined ? {} : { datastore }) }
    return {
      id: disk.id,
      virtualBytes: disk.bytes,
      from: {
        path: source.provider === 'local' ? sourcePath(disk.local_path, paths.fromManifest) : disk.local_path,
        format: disk.source_format,
      },
      bus: busOf(disk, bootPhase),
      to,
      place: resolvePlace(placed, to, placing, issues),
      ...resolveDriver(placed, manifest, issues),
      bootOrder: order.indexOf(disk) + 1,
      ...(datastore === undefined ? {} : { datastore }),
      ...(disk.label === undefined ? {} : { label: disk.label }),
      ...(disk.checksum ? { checksum: disk.checksum.toLowerCase() } : {}),
    }
  })
}

function busOf({ bus = 'virtio' }: ManifestDisk, phase: Machine['bootPhase']): Disk['bus'] {
  return bus === 'virtio' && phase === 'sata' ? 'sata' : bus
}

function checkSizes({ disks = [] }: Manifest, issues: Issue[]): void {
  for (const [index, { id, bytes, local_path: path }] of disks.entries()) {
    if (bytes > 0) continue
    const summary = `disk ${id}: bytes is 0, and no disk is: it is what the guest sees`
    const hint = `qemu-img info ${printable(path)} shows it as virtual size`
    issues.push({ code: 'VALUE_INVALID', path: ['disks', index, 'bytes'], summary, hint })
  }
}

function bootRank({ disk_type, boot_order_hint }: ManifestDisk): number {
  return boot_order_hint ?? (disk_type === 'boot' ? 0 : 999)
}

function typeRank({ disk_type }: ManifestDisk): number {
  return disk_type === 'boot' ? 0 : 1
}

function checkIds(disks: readonly ManifestDisk[], issues: Issue[]): void {
  const ids = disks.map(({ id }) => id)
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) === index) continue
    issues.push({ code: 'NAME_DUPLICATE', path: ['disks', index, 'id'], summary: `two disks have the id "${id}"` })
  }
}

function checkFilename({ output }: Manifest, disks: readonly ManifestDisk[], issues: Issue[]): void {
  const name = output?.filename
  if (name === undefined) return
  const refuse = (summary: string) => issues.push({ code: 'VALUE_INVALID', path: ['output', 'filename'], summary })
  if (disks.length > 1) refuse('output.filename is for a machine with one disk')
  else if (disks[0]?.target_path !== undefined) refuse('output.filename has no effect: the disk has a target_path')
  if (/[/\\\p{Cc}]|^\.{0,2}$/u.test(name) || new TextEncoder().encode(name).length > 200) {
    refuse('output.filename must be a plain name of at most 200 bytes')
  }
}

function checkBuses({ vm }: Manifest, disks: readonly ManifestDisk[], issues: Issue[]): void {
  const ide = [...disks.entries()].filter(([, { bus }]) => bus === 'ide')
  const [first] = ide
  if (!first) return
  const refuse = (index: number, summary: string, hint: string) => {
    issues.push({ code: 'VALUE_INVALID', path: ['disks', index, 'bus'], summary, hint })
  }
  if (vm?.machine_type !== 'pc') {
    refuse(first[0], `disk ${first[1].id}: a machine of type q35 has no IDE`, 'bus: sata, or vm.machine_type: pc')
  }
  const tooMany = ide[maxIdeDisks]
  if (tooMany) refuse(tooMany[0], `disk ${tooMany[1].id}: a machine has at most ${maxIdeDisks} IDE disks`, 'bus: sata')
}

function checkNames(disks: readonly ManifestDisk[], described: DescribedMachine, issues: Issue[]): void {
  const files = described.disks.map(({ file }) => file)
  for (const [index, disk] of disks.entries()) {
    if (files.includes(disk.local_path)) continue
    const summary = `disk ${disk.id}: the source has no "${disk.local_path}"`
    issues.push({
      code: 'SOURCE_MISSING',
      path: ['disks', index, 'local_path'],
      summary,
      hint: `it has: ${files.join(', ')}`,
    })
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
    ...(disk.label ? { label: disk.label } : {}),
  }
}
