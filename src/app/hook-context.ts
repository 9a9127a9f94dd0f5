import { basename, dirname } from 'node:path'
import type { HookPoint } from '../core/hook.ts'
import type { HookContext } from '../core/hook-context.ts'
import type { Disk, Machine, Nic } from '../core/machine.ts'
import { isAddress } from '../core/source-address.ts'
import type { Context } from './context.ts'

/** What a machine's hooks are told; the runner adds the hook's own name and its attempt. */
export function hookContext(machine: Machine, point: HookPoint, runId: string, context: Context): HookContext {
  const { clock, root, host } = context
  const boot = machine.disks.find(({ bootOrder }) => bootOrder === 1) ?? machine.disks[0]
  const source = machine.source.provider === 'local' ? (boot?.from.path ?? '') : machine.source.path
  const output = boot ? outputPath(boot, point) : ''
  const now = clock.now()
  return {
    stage: point,
    hook: '',
    attempt: 1,
    run_id: runId,
    timestamp: Math.floor(Date.parse(now) / 1000),
    timestamp_iso: now,
    batch_id: machine.batch?.id ?? '',
    wave: machine.wave ?? '',
    machine: machine.name,
    vm_name: machine.name,
    manifest_path: `${root}/${machine.file}`,
    source_path: source,
    source_dir: dirname(source),
    source_filename: basename(source),
    output_path: output,
    output_dir: machine.target.directory,
    output_filename: basename(output),
    disks: machine.disks.map((disk) => hookDisk(disk, point, source)),
    nics: machine.nics.map(hookNic),
    os: machine.hardware.os,
    firmware: machine.hardware.firmware,
    user: host.user,
    hostname: host.name,
    pwd: root,
  }
}

// Publishing moves a disk to its place; a pool is no path.
function outputPath({ to, place }: Disk, point: HookPoint): string {
  const published = point === 'post_publish' || point === 'pre_cutover' || point === 'post_cutover'
  return published && place.kind === 'file' ? place.path : to.path
}

function hookDisk(disk: Disk, point: HookPoint, source: string) {
  const { id, label = '', bootOrder, bus, virtualBytes, from, to } = disk
  return {
    id,
    label,
    boot_order: bootOrder,
    bus,
    bytes: virtualBytes,
    source_path: from.path.startsWith('/') || isAddress(from.path) ? from.path : source,
    source_format: from.format,
    output_path: outputPath(disk, point),
    output_format: to.format,
  }
}

function hookNic({ id, mac, model, ip = '', vlan, sourceNetwork = '', attach }: Nic) {
  return {
    id,
    mac,
    model,
    ip,
    vlan: vlan ?? '',
    source_network: sourceNetwork,
    bridge: attach.kind === 'bridge' ? attach.name : '',
    network: attach.kind === 'network' ? attach.name : '',
  } as const
}
