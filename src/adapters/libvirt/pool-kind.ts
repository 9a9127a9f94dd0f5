import type { OutputFormat } from '../../core/machine.ts'
import { problem } from '../../core/problem.ts'

/**
 * How the volumes of a pool are given to a domain: as files, as block devices, or by their names in the pool. In a pool of the
 * last kind libvirt makes no volume that has a name of h2k's and takes its content.
 */
export type PoolKind = 'file' | 'block' | 'volume'

/** A pool as far as it decides what can be put into it; `type` is libvirt's word. */
export interface PoolOfKind {
  readonly name: string
  readonly type: string
  readonly kind: PoolKind
}

// Partitions (`disk`) have no names, `rbd` takes no content, and `gluster`, `iscsi`, `scsi`, `mpath` make no volumes.
const kinds: ReadonlyMap<string, PoolKind> = new Map([
  ['dir', 'file'],
  ['fs', 'file'],
  ['netfs', 'file'],
  ['vstorage', 'file'],
  ['logical', 'block'],
  ['zfs', 'block'],
])

export function poolKind(type: string): PoolKind {
  return kinds.get(type) ?? 'volume'
}

/** @throws ProblemError TARGET_UNFIT for a pool that cannot take a disk of that format, or no overlay beside it */
export function refuseUnfitPool(
  { name, type, kind }: PoolOfKind,
  format: OutputFormat,
  { snapshot }: { readonly snapshot?: string },
): void {
  const what = `the pool ${name} (${type})`
  if (kind === 'volume') {
    throw problem('TARGET_UNFIT', `${what} takes no disks over libvirt’s connection`, {
      hint: `name a pool of files (dir, fs, netfs) or of volumes (logical, zfs)`,
    })
  }
  if (kind === 'block' && format !== 'raw') {
    throw problem('TARGET_UNFIT', `${what} takes raw disks, and this one is ${format}`, {
      hint: 'output: {format: raw}',
    })
  }
  if (kind === 'block' && snapshot !== undefined) {
    throw problem('TARGET_UNFIT', `${what} has no files, and a snapshot is a file beside each disk`, {
      hint: 'remove libvirt_integration.create_snapshot, or name a pool of files (dir, fs, netfs)',
    })
  }
}
