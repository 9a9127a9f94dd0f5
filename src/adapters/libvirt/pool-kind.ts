import type { OutputFormat } from '../../core/machine.ts'
import { problem } from '../../core/problem.ts'

/**
 * How the volumes of a pool are given to a domain: as files, as block devices, over the network, or by their names in the pool.
 * In a pool of the last kind libvirt makes no volume that has a name of h2k's and takes its content; in one of the network it
 * makes them, and QEMU takes what is in them.
 */
export type PoolKind = 'file' | 'block' | 'network' | 'volume'

/** A pool as far as it decides what can be put into it; `type` is libvirt's word. */
export interface PoolOfKind {
  readonly name: string
  readonly type: string
  readonly kind: PoolKind
}

// Partitions (`disk`) have no names, and `gluster`, `iscsi`, `scsi`, `mpath` make no volumes.
const kinds: ReadonlyMap<string, PoolKind> = new Map([
  ['dir', 'file'],
  ['fs', 'file'],
  ['netfs', 'file'],
  ['vstorage', 'file'],
  ['logical', 'block'],
  ['zfs', 'block'],
  ['rbd', 'network'],
])

export function poolKind(type: string): PoolKind {
  return kinds.get(type) ?? 'volume'
}

// What lvm(8) takes ("VALID NAMES"), and what it keeps for itself.
const lvmName = /^[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]{0,126}$/
const lvmReserved =
  /^(?:snapshot|pvmove)|_(?:[ciw]+orig|cdata|cmeta|cvol|imeta|mimage|mlog|pmspare|[rt]meta|rimage|[tv]data|vorigin)/

/** @throws ProblemError TARGET_UNFIT for a pool that cannot take a disk of that format or name, or no overlay beside it */
export function refuseUnfitPool(
  { name, type, kind }: PoolOfKind,
  { format, volume }: { readonly format: OutputFormat; readonly volume: string },
  { snapshot }: { readonly snapshot?: string },
): void {
  const what = `the pool ${name} (${type})`
  if (kind === 'volume') {
    throw problem('TARGET_UNFIT', `${what} takes no disks over libvirt’s connection`, {
      hint: 'name a pool of files (dir, fs, netfs) or of volumes (logical, zfs, rbd)',
    })
  }
  if (kind !== 'file' && format !== 'raw') {
    throw problem('TARGET_UNFIT', `${what} takes raw disks, and this one is ${format}`, {
      hint: 'output: {format: raw}',
    })
  }
  if (type === 'logical' && (!lvmName.test(volume) || lvmReserved.test(volume))) {
    throw problem('TARGET_UNFIT', `${what} takes no volume called ${volume}: LVM has no such names`, {
      hint: 'libvirt_integration: {vm_name: …} with letters from a to z, digits and + _ . -',
    })
  }
  if (kind !== 'file' && snapshot !== undefined) {
    throw problem('TARGET_UNFIT', `${what} has no files, and a snapshot is a file beside each disk`, {
      hint: 'remove libvirt_integration.create_snapshot, or name a pool of files (dir, fs, netfs)',
    })
  }
}
